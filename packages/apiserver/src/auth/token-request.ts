import { type FieldError, invalid as invalidField, TokenRequest } from '@virtplane/resources';
import { badRequest, conflict, invalid, methodNotAllowed, notFound, unknownResource } from '../errors.ts';
import type { ApiAnswer, ApiRequest } from '../http/request.ts';
import { decodeBody } from '../schema/body.ts';
import {
  type BoundObject,
  defaultAudience,
  type ServiceAccountSources,
  type ServiceAccountTokens,
} from './service-accounts.ts';

const minSeconds = 600;
const defaultSeconds = 3600;
const maxSeconds = 2 ** 32;

interface Spec {
  readonly audiences?: readonly string[];
  readonly expirationSeconds?: number;
  readonly boundObjectRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string } | null;
}

function validate(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (seconds < minSeconds) return [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds > maxSeconds)
    return [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}

/**
 * `POST …/serviceaccounts/<name>/token`: `undefined` for every other request. Source: kube-apiserver's TokenREST.
 */
export function createTokenRequests(
  tokens: ServiceAccountTokens,
  sources: ServiceAccountSources,
): (request: ApiRequest) => ApiAnswer | undefined {
  const boundObject = (ref: Spec['boundObjectRef'], namespace: string, account: string): BoundObject | undefined => {
    if (!ref) return undefined;
    const { kind = '', name = '', uid = '' } = ref;
    if (kind !== 'Pod' && kind !== 'Secret') {
      throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to object of kind ${kind}`);
    }
    const pod = kind === 'Pod' ? sources.pods.get(namespace, name) : undefined;
    const found = pod ?? (kind === 'Secret' ? sources.secrets.get(namespace, name) : undefined);
    const resource = { group: '', resource: kind === 'Pod' ? 'pods' : 'secrets' };
    if (!found) throw notFound(resource, name);
    if (pod && (pod.spec?.serviceAccountName ?? 'default') !== account) {
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`,
      );
    }
    const live = found.metadata?.uid ?? '';
    if (uid !== '' && uid !== live) {
      throw conflict(
        resource,
        name,
        `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    }
    return { kind, name, uid: live };
  };

  return (request) => {
    const { info } = request;
    if (info.subresource !== 'token' || info.resource !== 'serviceaccounts' || info.group !== '') return undefined;
    if (info.version !== 'v1' || info.rest.length > 0) throw unknownResource();
    if (info.verb !== 'create') throw methodNotAllowed();
    const account = sources.serviceAccounts.get(info.namespace, info.name);
    if (!account) throw notFound({ group: '', resource: 'serviceaccounts' }, info.name);
    const { spec = {} } = decodeBody(request.body, { definition: TokenRequest }).value as { spec?: Spec };
    const expirationSeconds = spec.expirationSeconds ?? defaultSeconds;
    const faults = validate(expirationSeconds);
    if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', faults);
    const audiences = spec.audiences && spec.audiences.length > 0 ? spec.audiences : [defaultAudience];
    const bound = boundObject(spec.boundObjectRef, info.namespace, info.name);
    const issued = tokens.issue(account, {
      audiences,
      expirationSeconds,
      ...(bound === undefined ? {} : { boundObject: bound }),
    });
    return {
      kind: 'object',
      code: 201,
      object: {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {
          name: info.name,
          namespace: info.namespace,
          creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        },
        spec: { audiences, expirationSeconds, boundObjectRef: spec.boundObjectRef ?? null },
        status: { token: issued.token, expirationTimestamp: issued.expirationTimestamp },
      },
    };
  };
}

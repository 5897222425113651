import {
  type FieldError,
  invalid as invalidField,
  type KubeObject,
  type ServiceAccount,
  type TokenRequest,
} from '@virtplane/resources';
import { badRequest, conflict, invalid, notFound } from '../errors.ts';
import {
  type BoundObject,
  defaultAudience,
  type ServiceAccountSources,
  type ServiceAccountTokens,
} from './service-accounts.ts';

const minSeconds = 600;
const defaultSeconds = 3600;
const maxSeconds = 2 ** 32;

function validate(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (seconds < minSeconds) return [invalidField(field, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds > maxSeconds)
    return [invalidField(field, seconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}

/**
 * Answers TokenRequests: the object with its status filled. Source: kube-apiserver's TokenREST. Throws 400, 404, 409, 422.
 */
export function createTokenRequests(
  tokens: ServiceAccountTokens,
  sources: ServiceAccountSources,
): (account: KubeObject, request: KubeObject) => TokenRequest {
  const boundObject = (
    ref: TokenRequest['spec']['boundObjectRef'],
    namespace: string,
    account: string,
  ): BoundObject | undefined => {
    if (!ref) return undefined;
    const { kind = '', name = '', uid = '' } = ref;
    const who = `cannot bind token for serviceaccount ${JSON.stringify(account)}`;
    if (kind !== 'Pod' && kind !== 'Secret') throw badRequest(`${who} to object of kind ${JSON.stringify(kind)}`);
    const pod = kind === 'Pod' ? sources.pods.get(namespace, name) : undefined;
    const found = pod ?? (kind === 'Secret' ? sources.secrets.get(namespace, name) : undefined);
    const resource = { group: '', resource: kind === 'Pod' ? 'pods' : 'secrets' };
    if (!found) throw notFound(resource, name);
    if (pod && (pod.spec?.serviceAccountName || 'default') !== account) {
      throw badRequest(`${who} to pod running with different serviceaccount name.`);
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

  return (account, request) => {
    const { name = '', namespace = '' } = account.metadata ?? {};
    const spec: Partial<TokenRequest['spec']> = (request as Partial<TokenRequest>).spec ?? {};
    const expirationSeconds = spec.expirationSeconds ?? defaultSeconds;
    const faults = validate(expirationSeconds);
    if (faults.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', faults);
    const audiences = spec.audiences && spec.audiences.length > 0 ? spec.audiences : [defaultAudience];
    const bound = boundObject(spec.boundObjectRef, namespace, name);
    const status = tokens.issue(account as ServiceAccount, {
      audiences,
      expirationSeconds,
      ...(bound === undefined ? {} : { boundObject: bound }),
    });
    return {
      ...request,
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: {
        ...request.metadata,
        name,
        namespace,
        creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      },
      spec: { ...spec, audiences, expirationSeconds },
      status,
    };
  };
}

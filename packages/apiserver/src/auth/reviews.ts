import {
  LocalSubjectAccessReview,
  type ResourceDefinition,
  SelfSubjectAccessReview,
  SelfSubjectReview,
  SelfSubjectRulesReview,
  type StatusError,
  SubjectAccessReview,
  type SubjectAccessReviewSpec,
  TokenReview,
} from '@virtplane/resources';
import type { UserInfo } from '@virtplane/runtime';
import { badRequest, failure, methodNotAllowed, unknownResource } from '../errors.ts';
import type { ApiAnswer, ApiRequest } from '../http/request.ts';
import { decodeBody } from '../schema/body.ts';
import type { Authenticator } from './authenticate.ts';
import type { Attributes } from './authorizer.ts';
import type { RbacAuthorizer } from './rbac/authorizer.ts';
import { defaultAudience } from './service-accounts.ts';

/** Kinds that are asked and answered, never stored. */
export interface Reviews {
  /** `undefined`: the request concerns no review. Throws StatusError. */
  handle(request: ApiRequest): ApiAnswer | undefined;
}

interface Body {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

type Answer = (request: ApiRequest, body: Body) => { readonly spec?: unknown; readonly status: unknown };

const attributesFault = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';

/** The oracle names no kind in these refusals. Source: kube-apiserver registry/authorization. */
function invalidSpec(field: string, message: string): StatusError {
  return failure(422, 'Invalid', `.authorization.k8s.io "" is invalid: ${field}: ${message}`, {
    group: 'authorization.k8s.io',
    causes: [{ reason: 'FieldValueInvalid', message, field }],
  });
}

function attributesOf(user: UserInfo, spec: SubjectAccessReviewSpec): Attributes {
  const { resourceAttributes: r, nonResourceAttributes: n } = spec;
  if (r === undefined && n === undefined) {
    throw invalidSpec('spec.resourceAttributes', `Invalid value: "null": ${attributesFault}`);
  }
  if (r !== undefined && n !== undefined) {
    const value = 'cannot be specified in combination with resourceAttributes';
    throw invalidSpec('spec.nonResourceAttributes', `Invalid value: ${value}`);
  }
  return {
    user,
    verb: r?.verb ?? n?.verb ?? '',
    isResource: r !== undefined,
    path: n?.path ?? '',
    group: r?.group ?? '',
    version: r?.version ?? '',
    resource: r?.resource ?? '',
    subresource: r?.subresource ?? '',
    namespace: r?.namespace ?? '',
    name: r?.name ?? '',
  };
}

const userInfo = ({ username, uid, groups, extra }: UserInfo) => ({
  username,
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined ? {} : { extra }),
});

/** Source: authorization.k8s.io and authentication.k8s.io of kube-apiserver. */
export function createReviews(authorizer: RbacAuthorizer, authenticator: Authenticator): Reviews {
  const access = (attributes: Attributes) => {
    const { allowed, reason } = authorizer.authorize(attributes);
    return { allowed, ...(reason === '' ? {} : { reason }) };
  };

  const selfAccess: Answer = ({ user }, { spec = {} }) => ({
    spec,
    status: access(attributesOf(user, spec as SubjectAccessReviewSpec)),
  });

  const subjectAccess: Answer = ({ info }, { spec: raw = {} }) => {
    const spec = raw as SubjectAccessReviewSpec;
    if ((spec.user ?? '') === '' && (spec.groups ?? []).length === 0) {
      throw invalidSpec('spec.user', 'Invalid value: "": at least one of user or group must be specified');
    }
    if (info.namespace !== '' && spec.resourceAttributes?.namespace !== info.namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${info.namespace}`);
    }
    const user: UserInfo = {
      username: spec.user ?? '',
      groups: spec.groups ?? [],
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.extra === undefined ? {} : { extra: spec.extra as Record<string, string[]> }),
    };
    return { spec, status: access(attributesOf(user, spec)) };
  };

  const selfRules: Answer = ({ user }, { spec }) => {
    const namespace = spec?.namespace;
    if (typeof namespace !== 'string' || namespace === '') throw badRequest('no namespace on request');
    const resourceRules: object[] = [];
    const nonResourceRules: object[] = [];
    for (const { rule } of authorizer.grantsOf(user, namespace)) {
      const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } = rule;
      if (resources !== undefined && resources.length > 0) {
        resourceRules.push({ verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) });
      }
      if (nonResourceURLs !== undefined && nonResourceURLs.length > 0)
        nonResourceRules.push({ verbs, nonResourceURLs });
    }
    return { spec: {}, status: { resourceRules, nonResourceRules, incomplete: false } };
  };

  const token: Answer = (_request, { spec = {} }) => {
    const value = spec.token;
    if (typeof value !== 'string' || value === '') {
      throw badRequest('token is required for TokenReview in authentication');
    }
    const asked = Array.isArray(spec.audiences) && spec.audiences.length > 0 ? (spec.audiences as string[]) : undefined;
    try {
      const found = authenticator.authenticateToken(value, asked ?? [defaultAudience]);
      if (!found) return { spec, status: { user: {}, error: 'invalid bearer token' } };
      return { spec, status: { authenticated: true, user: userInfo(found.user), audiences: found.audiences } };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { spec, status: { user: {}, error: `[invalid bearer token, ${why}]` } };
    }
  };

  const self: Answer = ({ user }) => ({ status: { userInfo: userInfo(user) } });

  const kinds: readonly (readonly [ResourceDefinition, readonly string[], Answer])[] = [
    [SelfSubjectAccessReview, ['v1'], selfAccess],
    [SubjectAccessReview, ['v1'], subjectAccess],
    [LocalSubjectAccessReview, ['v1'], subjectAccess],
    [SelfSubjectRulesReview, ['v1'], selfRules],
    [TokenReview, ['v1'], token],
    [SelfSubjectReview, selfSubjectReviewVersions, self],
  ];
  const byResource = new Map(kinds.map((entry) => [`${entry[0].group}/${entry[0].plural}`, entry]));

  return {
    handle(request) {
      const { info } = request;
      const entry = byResource.get(`${info.group}/${info.resource}`);
      if (!entry) return undefined;
      const [definition, versions, answer] = entry;
      if (!versions.includes(info.version) || definition.namespaced !== (info.namespace !== ''))
        throw unknownResource();
      if (info.verb !== 'create' || info.name !== '') throw methodNotAllowed();
      const body = decodeBody(request.body, { definition }).value as Body;
      const { spec, status } = answer(request, body);
      const metadata = {
        ...body.metadata,
        ...(info.namespace === '' ? {} : { namespace: info.namespace }),
        creationTimestamp: null,
      };
      return {
        kind: 'object',
        code: 201,
        object: {
          kind: definition.kind,
          apiVersion: `${info.group}/${info.version}`,
          metadata,
          ...(spec === undefined ? {} : { spec }),
          status,
        },
      };
    },
  };
}

/** kubectl 1.27 asks the older ones for `auth whoami`. */
export const selfSubjectReviewVersions: readonly string[] = ['v1', 'v1beta1', 'v1alpha1'];

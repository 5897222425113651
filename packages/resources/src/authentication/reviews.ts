import { defineBuiltIn } from '../define.ts';
import { ObjectMetaSchema } from '../meta/types.ts';
import {
  bool,
  field,
  int64,
  kind,
  list,
  map,
  message,
  named,
  present,
  required,
  string,
  type TypeOf,
  time,
} from '../schema/builder.ts';
import { extraValue } from './extra-value.ts';

const boundObjectReference = message('io.k8s.api.authentication.v1.BoundObjectReference', '', {
  kind: [1, string],
  apiVersion: [2, string],
  name: [3, string],
  uid: [4, string],
});
export interface BoundObjectReference extends TypeOf<typeof boundObjectReference> {}
export const BoundObjectReferenceSchema = named<BoundObjectReference>(boundObjectReference);

const userInfo = message('io.k8s.api.authentication.v1.UserInfo', '', {
  username: [1, string],
  uid: [2, string],
  groups: [3, list(string)],
  extra: [4, map(extraValue)],
});
export interface UserInfo extends TypeOf<typeof userInfo> {}
export const UserInfoSchema = named<UserInfo>(userInfo);

const selfSubjectReviewStatus = message('io.k8s.api.authentication.v1.SelfSubjectReviewStatus', '', {
  userInfo: [1, UserInfoSchema],
});
export interface SelfSubjectReviewStatus extends TypeOf<typeof selfSubjectReviewStatus> {}
export const SelfSubjectReviewStatusSchema = named<SelfSubjectReviewStatus>(selfSubjectReviewStatus);

const selfSubjectReview = kind('io.k8s.api.authentication.v1.SelfSubjectReview', 'Tells the caller who it is.', {
  metadata: [1, present(ObjectMetaSchema)],
  status: [2, SelfSubjectReviewStatusSchema],
});
export interface SelfSubjectReview extends TypeOf<typeof selfSubjectReview> {}
export const SelfSubjectReviewSchema = named<SelfSubjectReview>(selfSubjectReview);
export const SelfSubjectReview = defineBuiltIn<SelfSubjectReview>({
  schema: SelfSubjectReviewSchema,
  group: 'authentication.k8s.io',
  version: 'v1',
  servedVersions: ['v1', 'v1beta1', 'v1alpha1'],
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  clusterScoped: true,
  verbs: ['create'],
});

const tokenRequestSpec = message('io.k8s.api.authentication.v1.TokenRequestSpec', '', {
  audiences: [1, required(list(string))],
  expirationSeconds: [4, field(int64, '', { default: 3600 })],
  boundObjectRef: [3, BoundObjectReferenceSchema],
});
export interface TokenRequestSpec extends TypeOf<typeof tokenRequestSpec> {}
export const TokenRequestSpecSchema = named<TokenRequestSpec>(tokenRequestSpec);

const tokenRequestStatus = message('io.k8s.api.authentication.v1.TokenRequestStatus', '', {
  token: [1, required(string)],
  expirationTimestamp: [2, required(time)],
});
export interface TokenRequestStatus extends TypeOf<typeof tokenRequestStatus> {}
export const TokenRequestStatusSchema = named<TokenRequestStatus>(tokenRequestStatus);

const tokenRequest = kind('io.k8s.api.authentication.v1.TokenRequest', 'Asks for a token of a service account.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, required(TokenRequestSpecSchema)],
  status: [3, TokenRequestStatusSchema],
});
export interface TokenRequest extends TypeOf<typeof tokenRequest> {}
export const TokenRequestSchema = named<TokenRequest>(tokenRequest);
export const TokenRequest = defineBuiltIn<TokenRequest>({
  schema: TokenRequestSchema,
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  plural: 'tokenrequests',
  verbs: [],
});

const tokenReviewSpec = message('io.k8s.api.authentication.v1.TokenReviewSpec', '', {
  token: [1, string],
  audiences: [2, list(string)],
});
export interface TokenReviewSpec extends TypeOf<typeof tokenReviewSpec> {}
export const TokenReviewSpecSchema = named<TokenReviewSpec>(tokenReviewSpec);

const tokenReviewStatus = message('io.k8s.api.authentication.v1.TokenReviewStatus', '', {
  authenticated: [1, bool],
  user: [2, UserInfoSchema],
  audiences: [4, list(string)],
  error: [3, string],
});
export interface TokenReviewStatus extends TypeOf<typeof tokenReviewStatus> {}
export const TokenReviewStatusSchema = named<TokenReviewStatus>(tokenReviewStatus);

const tokenReview = kind('io.k8s.api.authentication.v1.TokenReview', 'Asks who the bearer of a token is.', {
  metadata: [1, present(ObjectMetaSchema)],
  spec: [2, required(TokenReviewSpecSchema)],
  status: [3, TokenReviewStatusSchema],
});
export interface TokenReview extends TypeOf<typeof tokenReview> {}
export const TokenReviewSchema = named<TokenReview>(tokenReview);
export const TokenReview = defineBuiltIn<TokenReview>({
  schema: TokenReviewSchema,
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  clusterScoped: true,
  verbs: ['create'],
});

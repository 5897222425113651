import type { UserInfo } from '@virtplane/runtime';

/** What is asked of the authorizer. Source: authorization/v1 ResourceAttributes, NonResourceAttributes. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** `RBAC: allowed by RoleBinding "rb/adm" of Role "r" to User "bob"`, or why not. */
  readonly reason: string;
}

export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

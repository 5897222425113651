import type { IncomingHttpHeaders } from 'node:http';
import type { UserInfo } from '@virtplane/runtime';
import { badRequest } from '../errors.ts';
import type { Attributes, Authorizer } from './authorizer.ts';
import { denied } from './denial.ts';

const accountPrefix = 'system:serviceaccount:';
const extraPrefix = 'impersonate-extra-';

const listOf = (value: string | string[] | undefined): string[] =>
  value === undefined ? [] : Array.isArray(value) ? value : value.split(',').map((v) => v.trim());

/**
 * The user that a request acts as: of its headers `Impersonate-…`, or the one it came from. Each part needs the verb
 * `impersonate`. Source: apiserver's impersonation filter. Throws 400 and 403.
 */
export function impersonated(user: UserInfo, headers: IncomingHttpHeaders, authorizer: Authorizer): UserInfo {
  const username = headers['impersonate-user'];
  if (
    username === undefined &&
    headers['impersonate-group'] === undefined &&
    headers['impersonate-uid'] === undefined
  ) {
    return user;
  }
  if (typeof username !== 'string' || username === '') {
    throw badRequest('requested groups or attributes without impersonating a user');
  }
  const require = (group: string, resource: string, namespace: string, name: string, subresource = ''): void => {
    const attributes: Attributes = {
      user,
      verb: 'impersonate',
      isResource: true,
      path: '',
      group,
      version: 'v1',
      resource,
      subresource,
      namespace,
      name,
    };
    const { allowed, reason } = authorizer.authorize(attributes);
    if (!allowed) throw denied(attributes, reason);
  };

  const groups = listOf(headers['impersonate-group']);
  const extra: Record<string, string[]> = {};
  if (username.startsWith(accountPrefix)) {
    const [namespace = '', name = ''] = username.slice(accountPrefix.length).split(':');
    require('', 'serviceaccounts', namespace, name);
    if (groups.length === 0) groups.push('system:serviceaccounts', `system:serviceaccounts:${namespace}`);
  } else require('', 'users', '', username);
  for (const group of listOf(headers['impersonate-group'])) require('', 'groups', '', group);
  const uid = headers['impersonate-uid'];
  if (typeof uid === 'string') require('authentication.k8s.io', 'uids', '', uid);
  for (const header of Object.keys(headers)) {
    if (!header.startsWith(extraPrefix)) continue;
    let key = header.slice(extraPrefix.length);
    try {
      key = decodeURIComponent(key);
    } catch {
      throw badRequest(`the header ${header} is not valid percent-encoding`);
    }
    const values = listOf(headers[header]);
    for (const value of values) require('authentication.k8s.io', 'userextras', '', value, key);
    extra[key] = values;
  }
  const everybody = username === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(everybody)) groups.push(everybody);
  return {
    username,
    ...(typeof uid === 'string' ? { uid } : {}),
    groups,
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

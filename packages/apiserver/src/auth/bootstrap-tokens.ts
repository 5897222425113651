import { timingSafeEqual } from 'node:crypto';
import type { Secret } from '@virtplane/resources';
import type { UserInfo } from '@virtplane/runtime';
import type { ObjectSource } from '../cache/object-source.ts';

const form = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const groupForm = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

const equal = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

/**
 * Tokens of joining nodes: Secrets `bootstrap-token-<id>` in kube-system. Source: Kubernetes bootstrap token authenticator.
 * Returns `undefined` for whatever is not a live bootstrap token.
 */
export function createBootstrapTokens(
  secrets: ObjectSource<Secret>,
  now: () => number = Date.now,
): (token: string) => UserInfo | undefined {
  return (token) => {
    const match = form.exec(token);
    if (!match) return undefined;
    const [, id = '', key = ''] = match;
    const secret = secrets.get('kube-system', `bootstrap-token-${id}`);
    if (secret?.type !== 'bootstrap.kubernetes.io/token' || secret.metadata?.deletionTimestamp) return undefined;
    const value = (name: string): string => Buffer.from(secret.data?.[name] ?? '', 'base64').toString();
    if (!equal(value('token-secret'), key) || value('token-id') !== id) return undefined;
    if (value('usage-bootstrap-authentication') !== 'true') return undefined;
    const expiration = value('expiration');
    // An expiration that cannot be read counts as past.
    if (expiration !== '' && !(now() < Date.parse(expiration))) return undefined;
    const extra = value('auth-extra-groups')
      .split(',')
      .filter((group) => groupForm.test(group));
    return { username: `system:bootstrap:${id}`, groups: ['system:bootstrappers', ...extra] };
  };
}

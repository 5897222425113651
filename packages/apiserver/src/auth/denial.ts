import type { StatusError } from '@virtplane/resources';
import { failure, forbidden } from '../errors.ts';
import type { Attributes } from './authorizer.ts';

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeHtml = (text: string): string => text.replace(/[&<>]/g, (c) => escapes[c] ?? c);
const quote = JSON.stringify;

function sentence({ user, verb, isResource, path, group, resource, subresource, namespace }: Attributes): string {
  const who = `User ${quote(user.username)} cannot ${verb}`;
  if (!isResource) return `${who} path ${quote(path)}`;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quote(namespace)}`;
  return `${who} resource ${quote(what)} in API group ${quote(group)} ${where}`;
}

/** The 403 of the authorizer. Browsers may show it, so what the request brought is escaped. Source: apiserver Forbidden. */
export function denied(attributes: Attributes, reason: string): StatusError {
  const text = `${escapeHtml(sentence(attributes))}${reason === '' ? '' : `: ${reason}`}`;
  if (!attributes.isResource) return failure(403, 'Forbidden', `forbidden: ${text}`, {});
  return forbidden(attributes, attributes.name, text);
}

import { ImageError } from './errors.ts';

/**
 * An image reference in full. Source: the grammar of the distribution project (`domain/path:tag@digest`), with Docker's
 * defaults: no domain → `docker.io`, one path segment there → `library/…`, neither tag nor digest → `latest`.
 */
export interface ImageReference {
  /** `quay.io`, `registry.example:5000`, `localhost`, `docker.io`. */
  readonly registry: string;
  /** `containerdisks/fedora`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:…`. */
  readonly digest?: string;
}

const domainPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const segmentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

export const isDigest = (text: string): boolean => digestPattern.test(text);

const refuse = (text: string, why: string): ImageError =>
  new ImageError('InvalidImageName', `couldn't parse image name "${text.slice(0, 300)}": ${why}`);

/** Throws ImageError `InvalidImageName`. */
export function parseReference(text: string): ImageReference {
  const trimmed = text.startsWith('docker://') ? text.slice('docker://'.length) : text;
  if (trimmed === '') throw refuse(text, 'the reference is empty');
  if (trimmed.length > 512) throw refuse(text, 'the reference is longer than 512 characters');
  const at = trimmed.indexOf('@');
  const digest = at < 0 ? undefined : trimmed.slice(at + 1);
  const named = at < 0 ? trimmed : trimmed.slice(0, at);
  if (digest !== undefined && !isDigest(digest))
    throw refuse(text, 'the digest must be sha256: and 64 hexadecimal digits');

  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasDomain =
    first !== '' &&
    (first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase());
  const registry = hasDomain ? first : 'docker.io';
  const rest = hasDomain ? named.slice(slash + 1) : named;
  if (!domainPattern.test(registry)) throw refuse(text, `"${registry}" is not a registry host`);

  const colon = rest.lastIndexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (tag !== undefined && !tagPattern.test(tag)) throw refuse(text, `"${tag.slice(0, 140)}" is not a tag`);
  if (path.length > 255 || !path.split('/').every((segment) => segmentPattern.test(segment))) {
    throw refuse(text, `"${path}" is not a repository name (lower case letters, digits, and . _ - between them)`);
  }
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  return {
    registry: registry === 'index.docker.io' ? 'docker.io' : registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest !== undefined && { digest }),
  };
}

export const formatReference = (r: ImageReference): string =>
  `${r.registry}/${r.repository}${r.tag === undefined ? '' : `:${r.tag}`}${r.digest === undefined ? '' : `@${r.digest}`}`;

/** Images under `localhost/` (no port) are only ever served from local imports, never from a network. */
export const isLocalOnly = (r: ImageReference): boolean => r.registry === 'localhost';

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never';

/** Kubernetes' default: Always for `latest`, else IfNotPresent; a digest names one content for ever. */
export const defaultPullPolicy = (r: ImageReference): PullPolicy =>
  r.digest === undefined && r.tag === 'latest' ? 'Always' : 'IfNotPresent';

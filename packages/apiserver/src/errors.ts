import { type FieldError, type Status, type StatusCause, StatusError, toCause } from '@virtplane/resources';

/** `pods` or `widgets.demo.io`: how a refusal names a resource. */
export interface ResourceName {
  readonly group: string;
  readonly resource: string;
}

const qualified = (r: ResourceName): string => (r.group === '' ? r.resource : `${r.resource}.${r.group}`);

export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: Status['details'],
  warnings?: readonly string[],
): StatusError {
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code };
  if (reason !== undefined) status.reason = reason;
  if (details !== undefined) status.details = details;
  return new StatusError(status, warnings);
}

const about = (r: ResourceName, name: string): Status['details'] => ({
  ...(name === '' ? {} : { name }),
  ...(r.group === '' ? {} : { group: r.group }),
  kind: r.resource,
});

/** A known group but no such resource or subresource. */
export const unknownResource = (): StatusError =>
  failure(404, 'NotFound', 'the server could not find the requested resource', {});
export const notFound = (r: ResourceName, name: string): StatusError =>
  failure(404, 'NotFound', `${qualified(r)} ${JSON.stringify(name)} not found`, about(r, name));
export const methodNotAllowed = (): StatusError =>
  failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
export const alreadyExists = (r: ResourceName, name: string, beingDeleted = false): StatusError =>
  failure(
    409,
    'AlreadyExists',
    `${beingDeleted ? 'object is being deleted: ' : ''}${qualified(r)} ${JSON.stringify(name)} already exists`,
    about(r, name),
  );
export const conflict = (r: ResourceName, name: string, detail: string): StatusError =>
  failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(r)} ${JSON.stringify(name)}: ${detail}`,
    about(r, name),
  );
export const staleObject = (r: ResourceName, name: string): StatusError =>
  conflict(r, name, 'the object has been modified; please apply your changes to the latest version and try again');
export const unauthorized = (): StatusError => failure(401, 'Unauthorized', 'Unauthorized');
export const forbidden = (r: ResourceName, name: string, detail: string, causes?: StatusCause[]): StatusError =>
  failure(
    403,
    'Forbidden',
    `${qualified(r)} ${name === '' ? 'is' : `${JSON.stringify(name)} is`} forbidden: ${detail}`,
    {
      ...about(r, name),
      ...(causes ? { causes } : {}),
    },
  );
export const badRequest = (message: string): StatusError => failure(400, 'BadRequest', message);
export const unsupportedMediaType = (message: string): StatusError => failure(415, 'UnsupportedMediaType', message);
export const notAcceptable = (message: string): StatusError => failure(406, 'NotAcceptable', message);
export const tooLarge = (message: string): StatusError => failure(413, 'RequestEntityTooLarge', message);
export const expired = (message: string): StatusError => failure(410, 'Expired', message);
export const internal = (message: string): StatusError =>
  failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
export const storageFull = (): StatusError =>
  failure(
    507,
    'InsufficientStorage',
    'the data directory has no space left; nothing was stored, free some space and try again',
  );
export const timeout = (message: string, retryAfterSeconds?: number): StatusError =>
  failure(504, 'Timeout', message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });

/** 422 with every fault. Identical texts stand once in the message; causes keep all. Source: apimachinery NewInvalid. */
export function invalid(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = [...new Set(errors.map((e) => (e.field === '' ? e.message : `${e.field}: ${e.message}`)))];
  const list = texts.length > 1 ? `[${texts.join(', ')}]` : (texts[0] ?? '');
  return failure(422, 'Invalid', `${qualifiedKind} ${JSON.stringify(name)} is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes: errors.map(toCause),
  });
}

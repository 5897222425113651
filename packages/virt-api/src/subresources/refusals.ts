import type { StatusError } from '@virtplane/resources';
import { refusal } from '@virtplane/runtime';

/** What a refusal of a subresource is about, as KubeVirt spells it: singular, with the group. */
export type Subject = 'virtualmachine' | 'virtualmachineinstance';

const GROUP = 'kubevirt.io';
const details = (kind: Subject, name: string) => ({ name, group: GROUP, kind });

export const notFound = (kind: Subject, name: string): StatusError =>
  refusal(404, 'NotFound', `${kind}.${GROUP} "${name}" not found`, details(kind, name));

export const conflict = (kind: Subject, name: string, message: string): StatusError =>
  refusal(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${kind}.${GROUP} "${name}": ${message}`,
    details(kind, name),
  );

export const forbidden = (kind: Subject, name: string, message: string): StatusError =>
  refusal(403, 'Forbidden', `${kind}.${GROUP} "${name}" is forbidden: ${message}`, details(kind, name));

export const badRequest = (message: string): StatusError => refusal(400, 'BadRequest', message);

export const internalError = (message: string): StatusError =>
  refusal(500, 'InternalError', `Internal error occurred: ${message}`);

export const unknownPath = (): StatusError =>
  refusal(404, 'NotFound', 'the server could not find the requested resource');

export const wrongMethod = (): StatusError =>
  refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

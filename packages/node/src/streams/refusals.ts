import { StatusError } from '@virtplane/resources';
import { refusal } from '@virtplane/runtime';

const resource = 'virtualmachineinstance.kubevirt.io';
const details = (name: string) => ({ group: 'kubevirt.io', kind: 'virtualmachineinstance', name });

export const vmiNotFound = (name: string): StatusError =>
  refusal(404, 'NotFound', `${resource} "${name}" not found`, details(name));

export const vmiConflict = (name: string, why: string): StatusError =>
  refusal(409, 'Conflict', `Operation cannot be fulfilled on ${resource} "${name}": ${why}`, details(name));

export const badRequest = (why: string): StatusError => refusal(400, 'BadRequest', why);

export const internal = (why: string): StatusError => refusal(500, 'InternalError', `Internal error occurred: ${why}`);

export const notRunning = (phase: string): StatusError =>
  badRequest(`Unable to connect to VirtualMachineInstance because phase is ${phase} instead of Running`);

export const sessionActive = (): StatusError =>
  refusal(503, 'ServiceUnavailable', 'Active VNC connection. Request denied.');

export const unknownPath = (): StatusError =>
  refusal(404, 'NotFound', 'the server could not find the requested resource');

export const methodNotAllowed = (): StatusError =>
  refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');

export const unauthorized = (): StatusError => refusal(401, 'Unauthorized', 'Unauthorized');

export const clientForbidden = (user: string): StatusError =>
  refusal(
    403,
    'Forbidden',
    `User "${user}" may not use this node's streams: only the virt-api of this cluster and system:masters may`,
  );

/** Anything thrown, as a Status: what is not a refusal already is our own failure. */
export const asRefusal = (error: unknown): StatusError =>
  error instanceof StatusError ? error : internal(error instanceof Error ? error.message : String(error));

import type { StatusCause, StatusDetails } from '@virtplane/resources';
import { isStatusError, StatusError } from '@virtplane/resources';

/** A refusal in Kubernetes' own shape, for transports whose server did not speak it (a proxy's HTML page, an empty body). */
export const refusal = (code: number, reason: string, message: string, details?: StatusDetails): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  });

/** Somebody else wrote in between, or was quicker to create: reading again and deciding anew is all it takes. */
export const isConflict = (error: unknown): error is StatusError =>
  isStatusError(error, 'Conflict') || isStatusError(error, 'AlreadyExists');

/** The resource version or the continue token is older than what the server keeps. */
export const isExpired = (error: unknown): error is StatusError =>
  isStatusError(error) && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone');

/** A create in a namespace that is being deleted; it will never succeed. */
export const isNamespaceTerminating = (error: unknown): error is StatusError =>
  isStatusError(error) &&
  (error.status.details?.causes ?? []).some((cause: StatusCause) => cause.reason === 'NamespaceTerminating');

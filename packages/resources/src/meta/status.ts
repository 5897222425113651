/** Kubernetes meta/v1 Status: the form of every refusal. */
export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  /** Go's metav1.StatusReason: NotFound, AlreadyExists, Conflict, Invalid, Forbidden … */
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/**
 * A refusal in Kubernetes' own shape. Thrown by the client for every answer >= 400 and inside the API server for every
 * refusal to a user, so that both sides read the same fields.
 */
export class StatusError extends Error {
  readonly status: Status;
  /** Warnings that must reach the client together with the refusal. */
  readonly warnings: readonly string[];

  constructor(status: Status, warnings: readonly string[] = []) {
    super(status.message ?? status.reason ?? `HTTP ${status.code}`);
    this.name = 'StatusError';
    this.status = status;
    this.warnings = warnings;
  }

  get code(): number {
    return this.status.code;
  }

  get reason(): string | undefined {
    return this.status.reason;
  }
}

export const isStatusError = (error: unknown, reason?: string): error is StatusError =>
  error instanceof StatusError && (reason === undefined || error.reason === reason);

import type { KubeObject, StatusError } from '@virtplane/resources';
import type { UserInfo } from './transport.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What an admission plugin is asked. The same record is served from a webhook in cluster mode (admission/v1 AdmissionReview). */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  /** Plural. */
  readonly resource: string;
  readonly kind: string;
  /** `status`, `binding` …; absent for the main resource. */
  readonly subresource?: string;
  /** Empty before a generated name is known. */
  readonly name: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly user: UserInfo;
  /** Absent on DELETE. Never change it: return another object. */
  readonly object?: KubeObject;
  /** Absent on CREATE. */
  readonly oldObject?: KubeObject;
  readonly dryRun: boolean;
}

export interface AdmissionOutcome {
  /** The changed object (mutating phase only); absent: unchanged. Unchanged parts may be shared with the request's object. */
  readonly object?: KubeObject;
  /** Each becomes a `Warning: 299` header. */
  readonly warnings?: readonly string[];
  /** A refusal, in full: what kubectl prints. */
  readonly denied?: StatusError;
}

/**
 * One link of the admission chain, in process. Pure where it can be: what it needs of the world it reads through the client
 * that it was made with.
 */
export interface AdmissionPlugin {
  readonly name: string;
  readonly phase: 'mutating' | 'validating';
  /** Cheap test, called on every write. */
  handles(request: AdmissionRequest): boolean;
  admit(request: AdmissionRequest): AdmissionOutcome | Promise<AdmissionOutcome>;
}

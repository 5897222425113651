import type { KubeObject, StatusError } from '@virtplane/resources';
import type { Clock, Logger } from '@virtplane/runtime';
import type { AdmissionChain } from '../admission/chain.ts';
import type { ApiRequest } from '../http/request.ts';
import type { PodLogReader } from './pod-log-reader.ts';
import type { ResourceState } from './resource-state.ts';
import type { RegistryTable } from './table.ts';
import type { WriteQueue } from './write-queue.ts';

/** Answers a TokenRequest for a service account. Throws StatusError. */
export type TokenIssuer = (serviceAccount: KubeObject, tokenRequest: KubeObject) => KubeObject | Promise<KubeObject>;

/** Asked for what the verb of a request does not say: creating by PUT. Returns the refusal. */
export type AlsoAllowed = (request: ApiRequest, verb: 'create') => Promise<StatusError | undefined>;

/** The parts that every operation works with. */
export interface Registry {
  readonly table: RegistryTable;
  readonly queue: WriteQueue;
  readonly admission: AdmissionChain;
  readonly clock: Clock;
  readonly log: Logger;
  readonly issueToken: TokenIssuer | undefined;
  readonly alsoAllowed: AlsoAllowed | undefined;
  readonly podLog: PodLogReader | undefined;
}

/** A request with what its path means here. */
export interface Operation {
  readonly registry: Registry;
  readonly request: ApiRequest;
  readonly state: ResourceState;
  /** The served version that the client speaks. */
  readonly version: string;
}

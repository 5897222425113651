import type { DomainState } from '@virtplane/libvirt';
import type { NodeInterface } from './status.ts';

/**
 * What this node remembers of one guest, on disk beside it, so that a restarted agent (or machine) knows what it finds:
 * `DIR/guests/<uid>.json`, written atomically before the step that it announces.
 */
export interface GuestRecord {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly podUid: string;
  readonly podName: string;
  /** `starting`: disks, taps and domain may exist, the guest has not run; `started`: it has run. */
  readonly stage: 'starting' | 'started';
  /** The machine's boot in which it was started. */
  readonly bootId: string;
  readonly pid?: number;
  readonly startedMs?: number;
  /** When the first shutdown request was sent. */
  readonly shutdownSinceMs?: number;
  readonly lastSignalMs?: number;
  /** A user asked for the pause (or `startStrategy: Paused` did): not resumed by us. */
  readonly pausedByUser?: boolean;
  /** How the domain ended, as libvirt's event told; a later libvirtd may have forgotten. */
  readonly lastStop?: DomainState;
  /** Failed attempts to start. */
  readonly failures: number;
  readonly lastError?: string;
  readonly retryAtMs?: number;
  /** An error that trying again cannot cure (an image without a disk). */
  readonly fatal?: boolean;
  /** As they were made at the start. */
  readonly interfaces?: readonly NodeInterface[];
  readonly disks?: readonly { readonly name: string; readonly target: string; readonly sizeBytes?: number }[];
  /** Taps in the node's namespace and the names they got in the pod's. */
  readonly taps?: readonly string[];
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isGuestRecord = (value: unknown): value is GuestRecord =>
  isObject(value) &&
  ['uid', 'namespace', 'name', 'podUid', 'podName', 'bootId'].every((key) => typeof value[key] === 'string') &&
  (value.stage === 'starting' || value.stage === 'started') &&
  typeof value.failures === 'number';

/** Reads a record back; `undefined` when the text is not one (a torn or foreign file). */
export function parseGuestRecord(text: string): GuestRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isGuestRecord(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

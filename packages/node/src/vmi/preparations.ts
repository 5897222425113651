import { type Pod, VirtualMachineInstance } from '@virtplane/resources';
import type { Client, Logger } from '@virtplane/runtime';
import type { PodSandbox } from '../network/index.ts';
import { isFinal } from './plan.ts';
import { type GuestParts, prepareGuest, type StartContext } from './start-guest.ts';

export interface PreparationsOptions {
  readonly client: Client;
  readonly start: StartContext;
  readonly log: Logger;
  /** Records that something of the guest is about to be made. */
  announce(vmi: VirtualMachineInstance, pod: Pod): Promise<unknown>;
}

/**
 * Disks and network of guests whose Pods' readiness is still on its way to the controllers and back. What fails here is tried
 * again, and told, at the start itself.
 */
export class Preparations {
  readonly #options: PreparationsOptions;
  readonly #made = new Map<string, Promise<GuestParts | undefined>>();
  #stopped = false;

  constructor(options: PreparationsOptions) {
    this.#options = options;
  }

  begin(pod: Pod, sandbox: PodSandbox): void {
    const { start, log } = this.#options;
    const owner = pod.metadata?.ownerReferences?.find((reference) => reference.kind === 'VirtualMachineInstance');
    if (!owner || this.#stopped || this.#made.has(owner.uid) || start.records.get(owner.uid)) return;
    const made = this.#make(pod, sandbox, owner).catch((error: unknown) => {
      log.debug('a guest could not be prepared ahead', { uid: owner.uid, error });
      return undefined;
    });
    this.#made.set(owner.uid, made);
  }

  async #make(
    pod: Pod,
    sandbox: PodSandbox,
    owner: { readonly uid: string; readonly name: string },
  ): Promise<GuestParts | undefined> {
    const { client, start, announce } = this.#options;
    const key = { namespace: pod.metadata?.namespace ?? '', name: owner.name };
    const vmi = await client(VirtualMachineInstance).find(key);
    if (vmi?.metadata?.uid !== owner.uid || vmi.metadata.deletionTimestamp !== undefined || isFinal(vmi))
      return undefined;
    await announce(vmi, pod);
    return prepareGuest(vmi, sandbox, start);
  }

  /** Hands out what was made, once; waits for what is still being made. */
  async take(uid: string): Promise<GuestParts | undefined> {
    const made = this.#made.get(uid);
    this.#made.delete(uid);
    return made;
  }

  /** Prepared, and waiting for its VMI to become Scheduled: nothing of it is left over. */
  isAwaited(uid: string, vmi: VirtualMachineInstance | undefined, pod: Pod | undefined): boolean {
    if (!this.#made.has(uid) || !pod || pod.metadata?.deletionTimestamp !== undefined) return false;
    const early = vmi === undefined || (vmi.status?.nodeName === undefined && !isFinal(vmi));
    return early && pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded';
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#made.values());
  }
}

import { VirtualMachineInstance } from '@virtplane/resources';
import { type Client, type Clock, isConflict, semanticallyEqual } from '@virtplane/runtime';
import { isFinal } from './plan.ts';
import { type GuestFacts, renderStatus } from './status.ts';

const attempts = 6;

/** Writes what has changed in a VMI's status; a conflict is decided anew on what the server has. */
export async function writeStatus(
  client: Client,
  clock: Clock,
  vmi: VirtualMachineInstance,
  facts: GuestFacts,
): Promise<void> {
  const resource = client(VirtualMachineInstance);
  const key = { namespace: vmi.metadata?.namespace ?? '', name: vmi.metadata?.name ?? '' };
  let base = vmi;
  for (let attempt = 1; ; attempt++) {
    const wanted = renderStatus(base, facts, clock.now());
    if (semanticallyEqual(wanted.status, base.status)) return;
    try {
      await resource.update(wanted);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
      const fresh = await resource.find(key);
      if (!fresh || fresh.metadata?.uid !== vmi.metadata?.uid || isFinal(fresh)) return;
      base = fresh;
    }
  }
}

import { isStatusError, VirtualMachine } from '@virtplane/resources';
import type { Client, ObjectKey } from '@virtplane/runtime';
import { booleanFlag, type CommandModule } from '../command-line/command.ts';
import { UsageError } from '../command-line/flags.ts';
import { failed, print, subresourcePath, textOf, withSession } from '../session.ts';

type Verb = 'pause' | 'unpause';

/** `virtctl pause|unpause vm|vmi NAME`. */
const pauseVerb = (verb: Verb): CommandModule => ({
  async run({ args, flags }) {
    const [kind = '', name = ''] = args;
    const isVm = ['vm', 'vms', 'virtualmachine', 'virtualmachines'].includes(kind.toLowerCase());
    const isVmi = ['vmi', 'vmis', 'virtualmachineinstance', 'virtualmachineinstances'].includes(kind.toLowerCase());
    if (!isVm && !isVmi) throw new UsageError(`${verb} takes vm or vmi, not ${JSON.stringify(kind)}`);
    const title = verb === 'pause' ? 'pausing' : 'unpausing';
    return withSession(flags, async ({ client, namespace }) => {
      const dryRun = booleanFlag(flags, 'dry-run');
      if (dryRun) print('Dry Run execution');
      try {
        if (isVm) await client(VirtualMachine).get({ namespace, name });
      } catch (error) {
        return failed(`Error getting VirtualMachine ${name}: ${textOf(error)}`);
      }
      try {
        const body = dryRun ? { dryRun: ['All'] } : {};
        await client.raw('PUT', subresourcePath(namespace, 'virtualmachineinstances', name, verb), body);
      } catch (error) {
        if (isVm && isStatusError(error, 'NotFound'))
          return failed(await whyNotThere(client, title, { namespace, name }));
        return failed(`Error ${title} VirtualMachineInstance ${name}: ${textOf(error)}`);
      }
      print(`VMI ${name} was scheduled to ${verb}`);
      return 0;
    });
  },
});

/** Upstream's two sentences for a VM without a running instance. */
async function whyNotThere(client: Client, title: string, key: ObjectKey): Promise<string> {
  const { spec } = await client(VirtualMachine).get(key);
  const set = spec?.running === true || (spec?.runStrategy !== undefined && spec.runStrategy !== 'Halted');
  return set
    ? `Error ${title} VirtualMachineInstance ${key.name}, it was not found`
    : `Error ${title} VirtualMachineInstance ${key.name}. VirtualMachine ${key.name} is not set to run`;
}

export const pause = pauseVerb('pause');
export const unpause = pauseVerb('unpause');

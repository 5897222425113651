import * as fs from 'node:fs/promises';
import type { Command, CommandModule, FlagValues } from '@virtplane/virtctl/command-line';
import { dataDirectory, dataFlag } from './data-directory.ts';

/**
 * Flags with a kubeconfig: the one that was asked for (flag, KUBECONFIG), else the administrator's of the Virtplane on this
 * machine, if it may be read; else kubectl's own default.
 */
export async function withKubeconfig(flags: FlagValues): Promise<FlagValues> {
  if (flags.kubeconfig !== undefined || (process.env.KUBECONFIG && flags.data === undefined)) return flags;
  const { adminKubeconfig } = dataDirectory(flags);
  const readable = await fs.access(adminKubeconfig, fs.constants.R_OK).then(
    () => true,
    () => false,
  );
  return readable || flags.data !== undefined ? { ...flags, kubeconfig: adminKubeconfig } : flags;
}

/** A verb of virtctl that means the Virtplane of this machine when nothing else is said. */
export const onThisMachine = (verb: Command, connectionFlags: NonNullable<Command['flags']>): Command => ({
  ...verb,
  flags: { ...connectionFlags, data: dataFlag, ...verb.flags },
  async load(): Promise<CommandModule> {
    const module = await verb.load?.();
    if (!module) throw new Error(`verb ${verb.name} has no code`);
    return { run: async (invocation) => module.run({ ...invocation, flags: await withKubeconfig(invocation.flags) }) };
  },
});

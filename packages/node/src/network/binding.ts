/** Applies how a guest's interface is bound to its pod: links, sysctls, address translation, DHCP. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type Host, runChecked } from '../host/host.ts';
import { type DhcpPlan, dhcpRuns, startDhcp, stopDhcp } from './dhcp.ts';
import { ipBatch } from './ip-command.ts';

/** All that has to be so inside the pod's network namespace; made by `planMasquerade` or `planBridgeBinding`. */
export interface BindingPlan {
  /** The pod's interface, e.g. `eth0`. */
  podInterface: string;
  /** The in-pod bridge that the tap joins. */
  bridge: string;
  /** The tap's name in the pod. */
  tap: string;
  mtu: number;
  guestMac: string;
  /** What the guest gets by DHCP; undefined when somebody else answers. */
  guestAddress: string | undefined;
  links: readonly (readonly string[])[];
  /** Files below /proc/sys/net that are set to 1. */
  sysctls: readonly string[];
  /** A script for nft; undefined when no translation is wanted. */
  nft: string | undefined;
  dhcp: DhcpPlan | undefined;
}

/**
 * Carries the plan out in the pod's namespace; a second call with the same plan finds everything done,
 * and starts the DHCP server again if it has died.
 * @param directory of the sandbox: remembers what was applied and where the DHCP server's pid file is.
 */
export async function applyBinding(host: Host, netns: string, directory: string, plan: BindingPlan): Promise<void> {
  const marker = join(directory, `binding-${plan.podInterface}`);
  const digest = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
  const applied = await host.readTextIfExists(marker);
  const pidFile = dhcpPidFile(directory, plan.podInterface);
  if (applied === digest) {
    if (plan.dhcp && !(await dhcpRuns(host, pidFile))) await startDhcp(host, netns, plan.dhcp, pidFile);
    return;
  }
  if (applied !== undefined) await removeBinding(host, netns, directory, plan);
  try {
    await Promise.all([
      ipBatch(host, plan.links, { netns }),
      // One process for all of them; /proc/sys/net shows the namespace of whoever opens it.
      plan.sysctls.length > 0 &&
        runChecked(
          host,
          'tee',
          plan.sysctls.map((name) => `/proc/sys/net/${name}`),
          { netns, input: '1\n' },
        ),
      plan.nft !== undefined && runChecked(host, 'nft', ['-f', '-'], { netns, input: plan.nft }),
    ]);
    if (plan.dhcp) await startDhcp(host, netns, plan.dhcp, pidFile);
  } catch (error) {
    await removeBinding(host, netns, directory, plan);
    throw error;
  }
  await host.writeText(marker, digest);
}

/** Takes the bridge away again; what else was done is overwritten by the next plan or goes with the namespace. */
async function removeBinding(host: Host, netns: string, directory: string, plan: BindingPlan): Promise<void> {
  await stopDhcp(host, dhcpPidFile(directory, plan.podInterface));
  await ipBatch(host, [['link', 'del', 'dev', plan.bridge]], { netns, force: true });
  await host.remove(join(directory, `binding-${plan.podInterface}`));
}

/** Ends the DHCP servers of a sandbox that is going away. */
export async function stopAllDhcp(host: Host, directory: string): Promise<void> {
  const names = await host.list(directory);
  await Promise.all(
    names
      .filter((name) => name.startsWith('dhcp-') && name.endsWith('.pid'))
      .map((name) => stopDhcp(host, join(directory, name))),
  );
}

function dhcpPidFile(directory: string, podInterface: string): string {
  return join(directory, `dhcp-${podInterface}.pid`);
}

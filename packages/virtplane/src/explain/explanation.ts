import type { Event, Pod, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';

export interface NodeVerdict {
  readonly node: string;
  readonly fits: boolean;
  /** The scheduler's reasons: `Insufficient memory`. */
  readonly reasons: readonly string[];
}

/** What the API says; plain data. */
export interface KnownOfVm {
  readonly name: string;
  readonly namespace: string;
  readonly vm?: VirtualMachine | undefined;
  readonly vmi?: VirtualMachineInstance | undefined;
  readonly launcher?: Pod | undefined;
  /** Only while the launcher Pod waits for a node. */
  readonly nodes: readonly NodeVerdict[];
  readonly events: readonly Event[];
}

export interface Explanation {
  readonly found: boolean;
  /** One sentence: what is the matter. */
  readonly verdict: string;
  /** What to do about it; absent when nothing needs to be done. */
  readonly remedy?: string;
  readonly nodes: readonly NodeVerdict[];
  /** What the launcher Pod is charged against quotas: `requests.memory` → `379136Ki`. */
  readonly charge: Readonly<Record<string, string>>;
  readonly migration?: string;
  readonly lastWarnings: readonly string[];
}

/** Turns state into sentences. The first cause that holds is the one that counts: later ones follow from it. */
export function explain(known: KnownOfVm): Explanation {
  const { launcher, vmi } = known;
  const { verdict, remedy } = cause(known);
  const migratable = vmi?.status?.conditions?.find((c) => c.type === 'LiveMigratable');
  return {
    found: known.vm !== undefined || vmi !== undefined,
    verdict,
    ...(remedy ? { remedy } : {}),
    nodes: known.nodes,
    charge: launcher ? chargeOf(launcher) : {},
    ...(migratable
      ? {
          migration:
            migratable.status === 'True' ? 'can be migrated live' : `cannot be migrated live: ${migratable.message}`,
        }
      : {}),
    lastWarnings: known.events
      .filter((e) => e.type === 'Warning')
      .sort((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
      .slice(-3)
      .map((e) => `${e.reason}: ${e.message}`),
  };
}

interface Cause {
  readonly verdict: string;
  readonly remedy?: string;
}

function cause({ name, namespace, vm, vmi, launcher }: KnownOfVm): Cause {
  if (!vm && !vmi) {
    return {
      verdict: `There is no virtual machine ${name} in namespace ${namespace}.`,
      remedy: 'Look in another namespace with -n.',
    };
  }
  if (!vmi) return causeWithoutInstance(name, vm);
  const condition = (type: string) => vmi.status?.conditions?.find((c) => c.type === type);
  const where = vmi.status?.nodeName ? ` on ${vmi.status.nodeName}` : '';
  switch (vmi.status?.phase) {
    case 'Running': {
      const paused = condition('Paused');
      if (paused?.status === 'True') {
        return paused.reason === 'PausedByUser'
          ? { verdict: `${name} is paused${where}.`, remedy: `virtplane vm unpause vmi ${name}` }
          : {
              verdict: `${name} is paused${where}: ${paused.message}.`,
              remedy: 'It resumes by itself once the cause is gone.',
            };
      }
      return { verdict: `${name} runs${where}.` };
    }
    case 'Succeeded':
      return { verdict: `${name} ended by itself (phase Succeeded).`, remedy: `virtplane vm start ${name}` };
    case 'Failed':
      return {
        verdict: `${name} failed${where}${vmi.status.reason ? `: ${vmi.status.reason}` : ''}.`,
        remedy: 'The warnings below say why.',
      };
    default:
  }
  const synchronized = condition('Synchronized');
  if (synchronized?.status === 'False') return { verdict: `${name} does not start: ${synchronized.message}.` };
  const scheduled = condition('PodScheduled') ?? launcher?.status?.conditions?.find((c) => c.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    return {
      verdict: `${name} waits for a node: ${scheduled.message}`,
      remedy:
        'The table says what each node lacks: change the node, or the rules of the virtual machine and restart it.',
    };
  }
  if (!launcher) return { verdict: `${name} has no launcher Pod yet.` };
  const waiting = [
    ...(launcher.status?.initContainerStatuses ?? []),
    ...(launcher.status?.containerStatuses ?? []),
  ].find((s) => s.state?.waiting?.message);
  if (waiting) return { verdict: `${name} waits for ${waiting.name}: ${waiting.state?.waiting?.message}` };
  return { verdict: `${name} is starting${where} (phase ${vmi.status?.phase || 'Pending'}).` };
}

function causeWithoutInstance(name: string, vm: VirtualMachine | undefined): Cause {
  const failure = vm?.status?.conditions?.find((c) => c.type === 'Failure' && c.status === 'True');
  if (failure) return { verdict: `${name} cannot be started: ${failure.message}.` };
  const retryAt = vm?.status?.startFailure?.retryAfterTimestamp;
  if (retryAt) {
    const count = vm?.status?.startFailure?.consecutiveFailCount;
    return {
      verdict: `${name} failed to start ${count} times in a row; the next try is at ${retryAt}.`,
      remedy: 'The warnings below say why.',
    };
  }
  const strategy = vm?.spec?.runStrategy ?? (vm?.spec?.running ? 'Always' : 'Halted');
  if (strategy === 'Halted') return { verdict: `${name} is stopped.`, remedy: `virtplane vm start ${name}` };
  return { verdict: `${name} has no running instance (run strategy ${strategy}).` };
}

/** Requests and limits as a ResourceQuota names them; values as they stand in the Pod when one container has them all. */
function chargeOf(launcher: Pod): Record<string, string> {
  const charge: Record<string, string> = {};
  for (const container of launcher.spec?.containers ?? []) {
    for (const [kind, list] of [
      ['requests', container.resources?.requests],
      ['limits', container.resources?.limits],
    ] as const) {
      for (const [resource, quantity] of Object.entries(list ?? {})) {
        const key = `${kind}.${resource}`;
        charge[key] = charge[key] === undefined ? quantity : `${charge[key]} + ${quantity}`;
      }
    }
  }
  return charge;
}

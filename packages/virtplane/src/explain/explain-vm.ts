import { Event, isStatusError, Node, Pod, VirtualMachine, VirtualMachineInstance } from '@virtplane/resources';
import { defaultFilters, NodeInfo, placePod } from '@virtplane/scheduler';
import { type CommandModule, print, type Session, withSession } from '@virtplane/virtctl';
import { withKubeconfig } from '../this-machine.ts';
import { explain, type KnownOfVm, type NodeVerdict } from './explanation.ts';
import { explanationText } from './explanation-text.ts';

/** `virtplane explain vm NAME`: reads what the API knows and says it in sentences. Exit code 1 when the VM does not exist. */
export const explainVm: CommandModule = {
  run: async ({ args: [name = ''], flags }) =>
    withSession(await withKubeconfig(flags), async (session) => {
      const explanation = explain(await read(session, name));
      if (flags.output === 'json') print(JSON.stringify(explanation, null, 2));
      else print(explanationText(explanation));
      return explanation.found ? 0 : 1;
    }),
};

async function read({ client, namespace }: Session, name: string): Promise<KnownOfVm> {
  const key = { namespace, name };
  const [vm, vmi, pods, nodes] = await Promise.all([
    client(VirtualMachine).find(key),
    client(VirtualMachineInstance).find(key),
    client(Pod).list(),
    client(Node).list().catch(onlyIfForbidden),
  ]);
  const launcher = pods.items
    .filter((p) => p.metadata.labels?.['kubevirt.io/created-by'] === (vmi?.metadata.uid ?? ''))
    .sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    .at(-1);
  const uids = [vm, vmi, launcher].flatMap((o) => (o?.metadata.uid ? [o.metadata.uid] : []));
  const events = await Promise.all(
    uids.map((uid) => client(Event).list({ namespace, fieldSelector: `involvedObject.uid=${uid}` })),
  );
  const facts: KnownOfVm = {
    name,
    namespace,
    vm,
    vmi,
    launcher,
    nodes: launcher && !launcher.spec?.nodeName && nodes ? verdicts(launcher, nodes.items, pods.items) : [],
    events: events.flatMap((list): Event[] => list.items),
  };
  return facts;
}

/** Someone who may not list nodes still gets the rest. */
function onlyIfForbidden(error: unknown): undefined {
  if (isStatusError(error, 'Forbidden')) return undefined;
  throw error;
}

/** The scheduler's own rules, asked node by node. */
function verdicts(launcher: Pod, nodes: readonly Node[], pods: readonly Pod[]): NodeVerdict[] {
  return nodes.map((node) => {
    const info = new NodeInfo(node);
    for (const pod of pods) {
      const final = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
      if (pod.spec?.nodeName === node.metadata.name && !final) info.addPod(pod.metadata.uid ?? '', pod);
    }
    const placement = placePod(launcher, [info], { filters: defaultFilters });
    const reasons = placement.node === undefined ? placement.rejections.flatMap((r) => r.reasons) : [];
    return { node: node.metadata.name ?? '', fits: placement.node !== undefined, reasons };
  });
}

import type { KubeObject, Status } from '@virtplane/resources';
import { notSupported, required } from '@virtplane/resources';
import { badRequest, conflict, invalid } from '../../errors.ts';
import type { Operation } from '../context.ts';
import { timestamp } from '../create.ts';
import { cloneJson } from '../json-value.ts';
import { writeOptions } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { change } from '../update.ts';
import { subresourceBody } from './body.ts';

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string };
}

interface Condition {
  type?: string;
  status?: string;
  lastTransitionTime?: string;
}

interface BoundPod extends KubeObject {
  spec?: { nodeName?: string; schedulingGates?: unknown[] };
  status?: { conditions?: Condition[] };
}

export const CREATED: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

/** POST …/pods/<name>/binding: the scheduler's decision. Source: core/pod/storage BindingREST. */
export async function bind(operation: Operation): Promise<Outcome> {
  const { registry, request, state } = operation;
  const options = writeOptions(request, 'CreateOptions');
  const binding: Binding = subresourceBody(operation, 'Binding');
  const { name } = request.info;
  const meta = binding.metadata ?? {};
  if (meta.name && meta.name !== name) throw badRequest('name in URL does not match name in Binding object');
  const { kind, name: node } = binding.target ?? {};
  const faults = [];
  if (kind !== undefined && kind !== '' && kind !== 'Node')
    faults.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (!node) faults.push(required('target.name'));
  if (faults.length > 0) throw invalid({ group: '', kind: 'Binding' }, meta.name ?? '', faults);
  await change(operation, options, {
    repeatable: true,
    produce(old, item) {
      const pod: BoundPod = cloneJson(old);
      if (meta.uid && meta.uid !== item.uid)
        throw conflict(
          state.name,
          name,
          `Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${item.uid}`,
        );
      if (pod.metadata?.deletionTimestamp !== undefined)
        throw conflict(
          { group: '', resource: 'pods/binding' },
          name,
          `pod ${name} is being deleted, cannot be assigned to a host`,
        );
      if (pod.spec?.nodeName)
        throw conflict(
          { group: '', resource: 'pods/binding' },
          name,
          `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`,
        );
      pod.spec = { ...pod.spec, nodeName: node! };
      const podMeta = pod.metadata ?? {};
      if (meta.annotations) podMeta.annotations = { ...podMeta.annotations, ...meta.annotations };
      if (meta.labels) podMeta.labels = { ...podMeta.labels, ...meta.labels };
      pod.metadata = podMeta;
      scheduled(pod, timestamp(registry.clock.now()));
      return pod;
    },
  });
  return { kind: 'other', code: 201, object: CREATED };
}

/** The condition that tells watchers of the pod where it stands. */
function scheduled(pod: BoundPod, now: string): void {
  const conditions = pod.status?.conditions ?? [];
  const known = conditions.find((c) => c.type === 'PodScheduled');
  const condition = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: now };
  const rest = conditions.filter((c) => c.type !== 'PodScheduled');
  if (known?.status === 'True') return;
  pod.status = { ...pod.status, conditions: [...rest, condition] };
}

import type { KubeObject } from '@virtplane/resources';
import type { AdmissionPlugin } from '@virtplane/runtime';

interface Taint {
  key?: string;
  effect?: string;
  value?: string;
}

interface Node extends KubeObject {
  spec?: { taints?: Taint[] };
  status?: { conditions?: { type?: string; status?: string }[] };
}

const NOT_READY = 'node.kubernetes.io/not-ready';

/** A new node takes no pods before it says that it is ready. Source: kube-apiserver TaintNodesByCondition. */
export const nodeTaints: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  phase: 'mutating',
  handles: (r) => r.operation === 'CREATE' && r.resource === 'nodes' && r.group === '' && r.subresource === undefined,
  admit({ object }) {
    const node = object as Node;
    const ready = node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
    const taints = node.spec?.taints ?? [];
    if (ready || taints.some((t) => t.key === NOT_READY && t.effect === 'NoSchedule')) return {};
    const changed: Node = {
      ...node,
      spec: { ...node.spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] },
    };
    return { object: changed };
  },
};

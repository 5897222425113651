import { tolerates } from '@virtplane/resources';
import type { FilterPlugin } from '../framework.ts';

const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Cordoned nodes take only Pods that tolerate the unschedulable taint. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  filter({ pod }, { node }) {
    if (!node.spec?.unschedulable || pod.spec?.tolerations?.some((t) => tolerates(t, taint))) return undefined;
    return { reasons: ['node(s) were unschedulable'], unresolvable: true };
  },
};

import { tolerates } from '@virtplane/resources';
import { type FilterPlugin, normalizeToMax, type ScorePlugin } from '../framework.ts';
import { firstUntolerated } from './tolerations.ts';

/** NoSchedule and NoExecute taints must be tolerated; the first that is not names the reason. */
export const taintToleration: FilterPlugin = {
  name: 'TaintToleration',
  filter({ pod }, { node }) {
    const taint = firstUntolerated(node.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']);
    if (!taint) return undefined;
    return { reasons: [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`], unresolvable: true };
  },
};

/** Fewer untolerated PreferNoSchedule taints are better. */
export const taintTolerationScore: ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  score: ({ pod }, { node }) =>
    (node.spec?.taints ?? []).filter(
      (taint) =>
        taint.effect === 'PreferNoSchedule' &&
        !pod.spec?.tolerations?.some((t) => (!t.effect || t.effect === 'PreferNoSchedule') && tolerates(t, taint)),
    ).length,
  normalize: (scores) => normalizeToMax(scores, true),
};

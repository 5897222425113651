import type { Affinity, NodeSelectorTerm } from '@virtplane/resources';
import type { ControllerConfig } from '../config.ts';
import type { InstanceSpec } from '../instance-types.ts';
import { label } from '../names.ts';

const feature = (name: string): string => `cpu-feature.node.kubevirt.io/${name}`;
const isNamedModel = (model: string | undefined): model is string =>
  !!model && model !== 'host-model' && model !== 'host-passthrough';

/** Later entries win: a user may thus override even the label of schedulable nodes; CPU labels may not be overridden. */
export function nodeSelectorOf(spec: InstanceSpec, config: ControllerConfig): Record<string, string> {
  const selector: Record<string, string> = {
    [label.schedulable]: 'true',
    ...config.nodeSelectors,
    ...spec.nodeSelector,
  };
  const cpu = spec.domain?.cpu;
  if (cpu?.dedicatedCpuPlacement) selector.cpumanager = 'true';
  if (isNamedModel(cpu?.model)) selector[`cpu-model.node.kubevirt.io/${cpu.model}`] = 'true';
  for (const { name, policy } of cpu?.features ?? [])
    if (!policy || policy === 'require') selector[feature(name)] = 'true';
  return selector;
}

/**
 * The user's affinity, and the nodes kept out that have a forbidden CPU feature. Terms are ORed, so every one of them must
 * forbid it.
 */
export function affinityOf(spec: InstanceSpec): Affinity | undefined {
  const forbidden = (spec.domain?.cpu?.features ?? [])
    .filter(({ policy }) => policy === 'forbid')
    .map(({ name }) => ({ key: feature(name), operator: 'DoesNotExist' }));
  if (forbidden.length === 0) return spec.affinity;
  const node = spec.affinity?.nodeAffinity;
  const given = node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const forbid = (term: NodeSelectorTerm): NodeSelectorTerm => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), ...forbidden],
  });
  const terms = given.length > 0 ? given.map(forbid) : [forbid({})];
  return {
    ...spec.affinity,
    nodeAffinity: { ...node, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  };
}

import { type FieldError, type Node, notSupported, required } from '@virtplane/resources';
import { checkQualifiedName } from './checks.ts';
import { AGE, column, NAME, NONE, orNone, wide } from './columns.ts';
import type { Strategy } from './strategy.ts';

const ROLE_LABEL = 'node-role.kubernetes.io/';
const OLD_ROLE_LABEL = 'kubernetes.io/role';
const UNKNOWN = '<unknown>';

function statusText(node: Node): string {
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  const parts = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (node.spec?.unschedulable) parts.push('SchedulingDisabled');
  return parts.join(',');
}

function rolesText(node: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(node.metadata.labels ?? {})) {
    if (label.startsWith(ROLE_LABEL) && label.length > ROLE_LABEL.length) roles.add(label.slice(ROLE_LABEL.length));
    else if (label === OLD_ROLE_LABEL && value !== '') roles.add(value);
  }
  return roles.size === 0 ? NONE : [...roles].sort().join(',');
}

const addressOf = (node: Node, type: string): string =>
  orNone(node.status?.addresses?.find((address) => address.type === type)?.address);

const orUnknown = (value: string | undefined): string => (value ? value : UNKNOWN);

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function checkTaints(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  node.spec?.taints?.forEach((taint, index) => {
    const path = `spec.taints[${index}]`;
    if (taint.key) errors.push(...checkQualifiedName(`${path}.key`, taint.key));
    if (!taint.effect) errors.push(required(`${path}.effect`));
    else if (!EFFECTS.includes(taint.effect)) errors.push(notSupported(`${path}.effect`, taint.effect, EFFECTS));
    const identity = `${taint.key}:${taint.effect}`;
    if (seen.has(identity)) {
      errors.push({
        type: 'FieldValueDuplicate',
        field: path,
        message: `Duplicate value: taints must be unique by key and effect pair (${identity})`,
      });
    }
    seen.add(identity);
  });
  return errors;
}

/** Source: kubernetes pkg/registry/core/node/strategy.go: everything may be set on create, as kubelet does. */
export const nodeStrategy: Strategy = {
  prepareForCreate() {},
  prepareForUpdate(node: Node, old: Node) {
    if (old.status) node.status = old.status;
    else delete node.status;
  },
  validate: checkTaints,
  validateUpdate(node: Node, old: Node) {
    const errors: FieldError[] = [];
    const { podCIDR, providerID } = old.spec ?? {};
    if (podCIDR && podCIDR !== node.spec?.podCIDR) {
      errors.push({
        type: 'FieldValueForbidden',
        field: 'spec.podCIDRs',
        message: 'Forbidden: node updates may not change podCIDR except from "" to valid',
      });
    }
    if (providerID && providerID !== node.spec?.providerID) {
      errors.push({
        type: 'FieldValueForbidden',
        field: 'spec.providerID',
        message: 'Forbidden: node updates may not change providerID except from "" to valid',
      });
    }
    return errors;
  },
  selectableFields: (node: Node) => ({ 'spec.unschedulable': String(node.spec?.unschedulable ?? false) }),
  columns: [
    NAME,
    column('Status', statusText),
    column('Roles', rolesText),
    AGE,
    column('Version', (node: Node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', (node: Node) => addressOf(node, 'InternalIP')),
    wide('External-IP', (node: Node) => addressOf(node, 'ExternalIP')),
    wide('OS-Image', (node: Node) => orUnknown(node.status?.nodeInfo?.osImage)),
    wide('Kernel-Version', (node: Node) => orUnknown(node.status?.nodeInfo?.kernelVersion)),
    wide('Container-Runtime', (node: Node) => orUnknown(node.status?.nodeInfo?.containerRuntimeVersion)),
  ],
  generation: 'none',
  allowUnconditionalUpdate: true,
};

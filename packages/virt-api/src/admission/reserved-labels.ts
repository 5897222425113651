import type { FieldError } from '@virtplane/resources';
import { fault } from './webhooks.ts';

/** Labels by which components find instances; only components may set them. Exact keys. */
const RESERVED: readonly string[] = [
  'kubevirt.io/created-by',
  'kubevirt.io/migrationJobUID',
  'kubevirt.io/nodeName',
  'kubevirt.io/migrationTargetNodeName',
  'kubevirt.io/schedulable',
  'kubevirt.io/install-strategy',
  'kubevirt.io/install-strategy-version',
  'kubevirt.io/install-strategy-registry',
  'kubevirt.io/install-strategy-identifier',
];

type Labels = Readonly<Record<string, string>> | undefined;

export function validateNewLabels(labels: Labels, field: string): FieldError[] {
  if (!labels || !RESERVED.some((key) => labels[key] !== undefined)) return [];
  return [
    fault(
      field,
      'creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited',
      'FieldValueNotSupported',
    ),
  ];
}

export function validateChangedLabels(labels: Labels, old: Labels): FieldError[] {
  if (!RESERVED.some((key) => labels?.[key] !== old?.[key])) return [];
  return [
    fault(
      '',
      'modification of the following reserved kubevirt.io/ labels on a VMI object is prohibited',
      'FieldValueNotSupported',
    ),
  ];
}

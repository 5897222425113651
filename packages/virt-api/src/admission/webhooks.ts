import type { FieldError, FieldErrorType } from '@virtplane/resources';
import { StatusError, toCause } from '@virtplane/resources';

/** The admission webhooks of KubeVirt by the names that refusals print. */
export const webhook = {
  vmMutator: 'virtualmachines-mutator.kubevirt.io',
  vmiMutator: 'virtualmachineinstances-mutator.kubevirt.io',
  vmValidator: 'virtualmachine-validator.kubevirt.io',
  vmiCreateValidator: 'virtualmachineinstances-create-validator.kubevirt.io',
  vmiUpdateValidator: 'virtualmachineinstances-update-validator.kubevirt.io',
  replicaSetValidator: 'virtualmachineinstancereplicaset-validator.kubevirt.io',
} as const;

export type WebhookName = (typeof webhook)[keyof typeof webhook];

/** One fault in KubeVirt's own words: the sentence stands alone, without Kubernetes' "Invalid value: …" in front. */
export const fault = (field: string, message: string, type: FieldErrorType = 'FieldValueInvalid'): FieldError => ({
  type,
  field,
  message,
});

/** How every webhook of KubeVirt refuses: 422 Invalid, all messages in one line, one cause a fault. */
export const denial = (name: WebhookName, faults: readonly FieldError[]): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `admission webhook "${name}" denied the request: ${faults.map((f) => f.message).join(', ')}`,
    reason: 'Invalid',
    details: { causes: faults.map(toCause) },
    code: 422,
  });

/** A body that cannot be decoded: 400 with a message only, neither reason nor causes. */
export const undecodable = (name: WebhookName, message: string): StatusError =>
  new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `admission webhook "${name}" denied the request: ${message}`,
    code: 400,
  });

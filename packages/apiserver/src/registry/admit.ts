import type { KubeObject } from '@virtplane/resources';
import type { Operation as AdmissionOperation, AdmissionRequest } from '@virtplane/runtime';
import type { Operation } from './context.ts';
import { applyDefaults } from './decode.ts';

/** The record that admission plugins are asked with. */
export function admissionRequest(
  operation: Operation,
  verb: AdmissionOperation,
  names: { readonly name: string; readonly namespace: string },
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
  dryRun: boolean,
): AdmissionRequest {
  const { request, state, version } = operation;
  const { definition } = state;
  return {
    operation: verb,
    group: definition.group,
    version,
    resource: definition.plural,
    kind: definition.kind,
    ...(request.info.subresource !== '' && { subresource: request.info.subresource }),
    name: names.name,
    namespace: names.namespace,
    user: request.user,
    ...(object !== undefined && { object }),
    ...(oldObject !== undefined && { oldObject }),
    dryRun,
  };
}

/** Mutating phase; what a plugin returns gets its defaults again. The result may share parts with stored objects. */
export async function mutated(operation: Operation, request: AdmissionRequest): Promise<KubeObject> {
  const { admission } = operation.registry;
  const object = await admission.mutate(
    request,
    (text) => operation.request.warn(text),
    (changed) => applyDefaults(operation, changed),
  );
  if (object === undefined) throw new Error('admission of a write without object');
  return object;
}

export const validated = (operation: Operation, request: AdmissionRequest): Promise<void> =>
  operation.registry.admission.validate(request, (text) => operation.request.warn(text));

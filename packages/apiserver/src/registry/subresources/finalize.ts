import { badRequest } from '../../errors.ts';
import type { Operation } from '../context.ts';
import { decodeObject } from '../decode.ts';
import { cloneJson } from '../json-value.ts';
import type { NamespaceObject } from '../namespaces.ts';
import { writeOptions } from '../options.ts';
import type { Outcome } from '../outcome.ts';
import { change } from '../update.ts';

/** PUT …/namespaces/<name>/finalize: only spec.finalizers is taken over; without any the Terminating namespace goes. */
export async function finalize(operation: Operation): Promise<Outcome> {
  const options = writeOptions(operation.request, 'UpdateOptions');
  const wanted: NamespaceObject = decodeObject(operation, operation.request.body, options.fieldValidation);
  const version = wanted.metadata?.resourceVersion;
  const finalizers = wanted.spec?.finalizers ?? [];
  if (!Array.isArray(finalizers) || !finalizers.every((f) => typeof f === 'string'))
    throw badRequest('spec.finalizers must be a list of strings');
  return change(operation, options, {
    repeatable: !version,
    produce(old) {
      const next: NamespaceObject = cloneJson(old);
      next.metadata = { ...next.metadata, ...(version !== undefined && { resourceVersion: version }) };
      next.metadata.name = wanted.metadata?.name ?? operation.request.info.name;
      next.spec = { ...next.spec };
      if (finalizers.length === 0) delete next.spec.finalizers;
      else next.spec.finalizers = finalizers;
      return next;
    },
  });
}

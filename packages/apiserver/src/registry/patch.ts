import { apiVersionOf, type KubeObject, type Status } from '@virtplane/resources';
import { type PatchType, patchContentType } from '@virtplane/runtime';
import { badRequest, failure, unsupportedMediaType } from '../errors.ts';
import { decodePatch } from '../patch/decode-patch.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { goMapText, strategicMerge } from '../patch/strategic-merge.ts';
import type { Operation } from './context.ts';
import { applyDefaults, shape, strictFaults } from './decode.ts';
import { cloneJson } from './json-value.ts';
import { type FieldValidation, writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { change } from './update.ts';

/** How much of an object stands in a refusal: enough to recognise it. */
const DUMP_LENGTH = 400;

export interface Patch {
  readonly type: Exclude<PatchType, 'apply'>;
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

/** Types that can be applied here; the others are refused as a kind that does not take them refuses them. */
const TYPES = ['json', 'merge', 'strategic'] as const;

export function readPatch(operation: Operation, validation: FieldValidation): Patch {
  const { request, state } = operation;
  const { builtIn } = state.definition;
  const mediaType = (request.body.contentType.split(';')[0] ?? '').trim();
  const type = TYPES.find((t) => patchContentType[t] === mediaType);
  if (type === undefined || (type === 'strategic' && !builtIn)) {
    if (builtIn) throw failure(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
    throw unsupportedMediaType(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
    );
  }
  if (request.body.kind === 'value') return { type, value: request.body.value, duplicates: [] };
  return { type, ...decodePatch(request.body, type, validation === 'Ignore') };
}

/** The patched value; `target` is the caller's own. */
export function applied(operation: Operation, patch: Patch, target: KubeObject): Record<string, unknown> {
  const value = applyOne(operation, patch, target);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('the patch does not leave an object');
  return value as Record<string, unknown>;
}

function applyOne(operation: Operation, patch: Patch, target: KubeObject): unknown {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(target, patch.value);
    case 'merge':
      return applyMergePatch(target, patch.value);
    case 'strategic':
      return strategicMerge({ ...target }, patch.value, operation.state.definition.schema);
  }
}

export async function patch(operation: Operation): Promise<Outcome> {
  const { request, state, version } = operation;
  const options = writeOptions(request, 'PatchOptions');
  const wanted = readPatch(operation, options.fieldValidation);
  return change(operation, options, {
    repeatable: true,
    produce: (old) => {
      // A copy, because the patched object shares what the patch leaves alone and is changed in place afterwards.
      const target = cloneJson(state.codec.inVersion(old, version));
      const value = applied(operation, wanted, target);
      const { definition } = state;
      if (value.kind !== definition.kind || value.apiVersion !== apiVersionOf({ group: definition.group, version }))
        throw badRequest('a patch may not change apiVersion and kind');
      decodePatched(operation, wanted, value, options.fieldValidation);
      return value;
    },
  });
}

/** The patched object is decoded like a body; its faults are the patch's. */
function decodePatched(
  operation: Operation,
  patch: Patch,
  value: Record<string, unknown>,
  validation: FieldValidation,
): void {
  const unknown: string[] = [];
  const fault = shape(operation, value, unknown);
  if (fault !== undefined) throw patchFault(patch, value, fault);
  const faults = strictFaults(patch.duplicates, unknown);
  if (faults.length > 0 && validation === 'Strict')
    throw patchFault(patch, value, `strict decoding error: ${faults.join(', ')}`);
  if (validation === 'Warn') for (const text of faults) operation.request.warn(text);
  applyDefaults(operation, value);
}

function patchFault(patch: Patch, value: unknown, text: string): Error {
  const whole = patch.type === 'strategic' ? goMapText(patch.value) : JSON.stringify(value);
  const dump = whole.length > DUMP_LENGTH ? `${whole.slice(0, DUMP_LENGTH)}…` : whole;
  const message = `Invalid value: ${JSON.stringify(dump)}: ${text}`;
  const details: Status['details'] = { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] };
  return failure(422, 'Invalid', ` "" is invalid: patch: ${message}`, details);
}

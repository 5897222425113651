import type { FieldError } from '@virtplane/resources';
import { asObject, equalJson, isUnset, type JsonObject, withMember } from './json.ts';
import { fault } from './webhooks.ts';

/**
 * Members that the product documentation prints directly under a VirtualMachine's `spec` although they belong into
 * `spec.template.spec`. They are accepted there, moved, and never stored in their short form.
 */
export const SHORTHAND_FIELDS = ['nodeSelector', 'affinity', 'tolerations', 'domain'] as const;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface ShorthandResult {
  /** The whole VirtualMachine; the given one itself when there was nothing to do. */
  readonly object: JsonObject;
  readonly warnings: readonly string[];
  readonly faults: readonly FieldError[];
}

const CONFLICT = Symbol('conflict');

/** Both forms given: maps are united as long as no leaf contradicts, everything else must be equal. */
function unite(target: unknown, short: unknown): unknown {
  if (equalJson(target, short)) return target;
  const left = asObject(target);
  const right = asObject(short);
  if (!left || !right) return CONFLICT;
  const united: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const part = isUnset(left[key]) ? value : unite(left[key], value);
    if (part === CONFLICT) return CONFLICT;
    united[key] = part;
  }
  return united;
}

/** Maps merged in depth, leaves of `winner` first. */
function overlay(target: unknown, winner: unknown): unknown {
  const left = asObject(target);
  const right = asObject(winner);
  if (!left || !right) return winner;
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) merged[key] = overlay(left[key], value);
  return merged;
}

/** `target` without the leaves that `gone` had and that still have their old value; `undefined` when nothing is left. */
function subtract(target: unknown, gone: unknown): unknown {
  if (equalJson(target, gone)) return undefined;
  const left = asObject(target);
  const right = asObject(gone);
  if (!left || !right) return target;
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(left)) {
    const part = key in right ? subtract(value, right[key]) : value;
    if (part !== undefined) rest[key] = part;
  }
  return Object.keys(rest).length > 0 ? rest : undefined;
}

const templateSpec = (spec: JsonObject | undefined): JsonObject | undefined => asObject(asObject(spec?.template)?.spec);

const annotation = (object: JsonObject | undefined): string | undefined => {
  const value = asObject(asObject(object?.metadata)?.annotations)?.[LAST_APPLIED];
  return typeof value === 'string' ? value : undefined;
};

function lastApplied(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch (error) {
    // Whatever a user wrote into that annotation: it only helps when it is what kubectl apply writes.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * A short form that was applied before and is gone from the file now: kubectl nulls only `spec.<f>`, which is not stored, so
 * the moved value would stay for ever.
 */
function removals(object: JsonObject, old: JsonObject): Map<string, unknown> {
  const gone = new Map<string, unknown>();
  const before = annotation(old);
  const now = annotation(object);
  if (before === undefined || now === undefined || before === now) return gone;
  const oldSpec = asObject(lastApplied(before)?.spec);
  if (!oldSpec || !SHORTHAND_FIELDS.some((f) => !isUnset(oldSpec[f]))) return gone;
  const newSpec = asObject(lastApplied(now)?.spec);
  for (const f of SHORTHAND_FIELDS) {
    if (isUnset(oldSpec[f])) continue;
    if (isUnset(newSpec?.[f]) && isUnset(templateSpec(newSpec)?.[f])) gone.set(f, oldSpec[f]);
  }
  return gone;
}

/** Moves short forms to their place. `old` is the stored object of an update. Never changes what it is given. */
export function moveShorthand(object: JsonObject, old?: JsonObject): ShorthandResult {
  const spec = asObject(object.spec);
  const warnings: string[] = [];
  const faults: FieldError[] = [];
  if (!spec) return { object, warnings, faults };
  const gone = old ? removals(object, old) : undefined;
  const hasShort = SHORTHAND_FIELDS.some((f) => f in spec);
  if (!hasShort && !gone?.size) return { object, warnings, faults };

  let nextSpec: JsonObject = spec;
  const template = asObject(spec.template);
  // A template of a wrong type is the schema's to refuse.
  if (!isUnset(spec.template) && !template) return { object, warnings, faults };
  const stored = old && templateSpec(asObject(old.spec));
  let target: JsonObject = asObject(template?.spec) ?? {};

  for (const f of SHORTHAND_FIELDS) {
    const short = spec[f];
    if (f in spec) nextSpec = withMember(nextSpec, f, undefined);
    const current = target[f];
    if (isUnset(short)) {
      const was = gone?.get(f);
      if (was === undefined || isUnset(current)) continue;
      const rest = f === 'domain' ? subtract(current, was) : equalJson(current, was) ? undefined : current;
      target = withMember(target, f, rest);
      continue;
    }
    if (isUnset(current)) {
      target = withMember(target, f, short);
    } else if (stored && equalJson(current, stored[f])) {
      target = withMember(target, f, f === 'domain' ? overlay(current, short) : short);
    } else {
      const united = unite(current, short);
      if (united === CONFLICT)
        faults.push(
          fault(
            `spec.${f}`,
            `spec.${f} and spec.template.spec.${f} are both set and differ; keep only spec.template.spec.${f}`,
          ),
        );
      if (united === CONFLICT) continue;
      target = withMember(target, f, united);
    }
    warnings.push(`spec.${f} is shorthand and was moved to spec.template.spec.${f}`);
  }
  nextSpec = withMember(nextSpec, 'template', { ...template, spec: target });
  return { object: { ...object, spec: nextSpec }, warnings, faults };
}

/**
 * Fills in what the schema demands and the documentation leaves out. Memory is not invented: a VirtualMachine without it is
 * stored and tells at start what it lacks.
 */
export function complete(object: JsonObject): { readonly object: JsonObject; readonly warnings: readonly string[] } {
  const spec = asObject(object.spec) ?? (isUnset(object.spec) ? {} : undefined);
  if (!spec) return { object, warnings: [] };
  const warnings: string[] = [];
  let next = spec;
  if (isUnset(spec.running) && (isUnset(spec.runStrategy) || spec.runStrategy === '')) {
    warnings.push('spec.runStrategy not set; using Halted');
    next = { ...next, runStrategy: 'Halted' };
  }
  const filled = (parent: JsonObject, path: string, names: readonly string[]): JsonObject => {
    const [name, ...rest] = names;
    if (name === undefined) return parent;
    const here = path === '' ? name : `${path}.${name}`;
    const value = parent[name];
    // The template's own `spec` is written silently: naming its missing domain says the same.
    if (isUnset(value) && here !== 'spec.template.spec') warnings.push(`${here} not set; using {}`);
    const child = isUnset(value) ? {} : asObject(value);
    if (!child) return parent;
    const full = filled(child, here, rest);
    return full === value ? parent : { ...parent, [name]: full };
  };
  next = filled(next, 'spec', ['template', 'spec', 'domain', 'devices']);
  return next === object.spec ? { object, warnings } : { object: { ...object, spec: next }, warnings };
}

import type { JsonSchema } from '@virtplane/resources';
import { isDateTime } from './formats.ts';
import type { SchemaNode } from './node.ts';
import { canonicalQuantity, QUANTITY_FAULT } from './quantity.ts';

type Json = Record<string, unknown>;
type Container = Json | unknown[];

/** What Go's decoder stumbles over, completed with the path on the way out: nothing is built while all is well. */
interface DecodeFault {
  /** A whole sentence of a type that decodes itself (Quantity, Time). */
  readonly text?: string;
  readonly got: string;
  readonly wanted: string;
  struct: string;
  readonly path: string[];
}

/**
 * The first fault that Go's decoder would report of a built-in object. On the way quantities become canonical and what Go
 * does not store disappears: nulls, and empty lists and maps that are optional.
 */
export function decodeFault(node: SchemaNode, value: unknown, kind: string): string | undefined {
  const holder: Json = { root: value };
  const fault = decodeMember(holder, 'root', node);
  if (!fault) return undefined;
  if (fault.text !== undefined) return fault.text;
  const struct = fault.struct === '' ? kind : fault.struct;
  return fault.path.length === 0
    ? `json: cannot unmarshal ${fault.got} into Go value of type ${fault.wanted}`
    : `json: cannot unmarshal ${fault.got} into Go struct field ${struct}.${fault.path.join('.')} of type ${fault.wanted}`;
}

function decodeObject(value: Json, node: SchemaNode): DecodeFault | undefined {
  const { properties, values } = node;
  for (const key in value) {
    const member = properties?.get(key);
    if (member !== undefined) {
      const item = value[key];
      if (item === null) {
        delete value[key];
        continue;
      }
      if (typeof item === 'object' && isDroppedEmpty(member, item) && !node.required.includes(key)) {
        delete value[key];
        continue;
      }
      const fault = decodeMember(value, key, member);
      if (fault) {
        if (fault.text === undefined) {
          if (fault.struct === '') fault.struct = node.structName;
          fault.path.unshift(key);
        }
        return fault;
      }
    } else if (values !== undefined) {
      if (value[key] === null) {
        value[key] = zeroOf(values);
        continue;
      }
      const fault = decodeMember(value, key, values);
      if (fault) return fault;
    }
  }
  return undefined;
}

/** Go's stored form has no empty lists and maps, only absent ones. */
function isDroppedEmpty(member: SchemaNode, value: object): boolean {
  if (Array.isArray(value)) return value.length === 0 && member.shape === 'array';
  if (member.values === undefined || member.properties !== undefined) return false;
  for (const _ in value) return false;
  return true;
}

function zeroOf(node: SchemaNode): unknown {
  if (node.scalar === 'quantity') return '0';
  if (node.shape === 'string') return '';
  if (node.shape === 'boolean') return false;
  if (node.shape === 'array') return [];
  return node.shape === 'object' ? {} : 0;
}

function decodeMember(container: Container, key: string | number, node: SchemaNode): DecodeFault | undefined {
  const value: unknown = (container as Json)[key];
  const type = typeof value;
  switch (node.scalar) {
    case undefined:
      break;
    case 'quantity': {
      const canonical = type === 'string' || type === 'number' ? canonicalQuantity(String(value)) : undefined;
      if (canonical === undefined) return own(QUANTITY_FAULT);
      if (canonical !== value) (container as Json)[key] = canonical;
      return undefined;
    }
    case 'time':
    case 'microtime': {
      if (type !== 'string') return mismatch(value, 'string', true);
      const text = value as string;
      if (!isDateTime(text)) return own(timeFault(text));
      const canonical = node.scalar === 'time' ? toSeconds(text) : toMicroseconds(text);
      if (canonical !== text) (container as Json)[key] = canonical;
      return undefined;
    }
    case 'bytes': {
      if (type !== 'string') return mismatch(value, '[]uint8');
      const text = value as string;
      // Go's decoder skips line breaks, and stores none.
      const packed = text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/g, '') : text;
      const at = base64Fault(packed);
      if (packed !== text) (container as Json)[key] = packed;
      return at < 0 ? undefined : own(`illegal base64 data at input byte ${at}`);
    }
    case 'int-or-string':
      if (type === 'string' || (type === 'number' && Number.isInteger(value))) return undefined;
      return mismatch(value, type === 'number' ? 'int32' : 'string', true);
    case 'duration':
      return type === 'string' ? undefined : mismatch(value, 'string', true);
    case 'raw':
      return undefined;
    case 'int32':
    case 'int64':
      if (type !== 'number') return mismatch(value, node.scalar);
      if (!Number.isInteger(value) || (node.scalar === 'int32' && (value as number) !== ((value as number) | 0))) {
        return mismatch(value, node.scalar);
      }
      return undefined;
  }
  switch (node.shape) {
    case 'string':
      return type === 'string' ? undefined : mismatch(value, 'string');
    case 'boolean':
      return type === 'boolean' ? undefined : mismatch(value, 'bool');
    case 'integer':
      return type === 'number' && Number.isInteger(value) ? undefined : mismatch(value, 'int64');
    case 'number':
      return type === 'number' ? undefined : mismatch(value, 'float64');
    case 'array': {
      if (!Array.isArray(value)) return mismatch(value, goTypeOf(node.schema));
      const { items } = node;
      if (!items) return undefined;
      for (let i = 0; i < value.length; i++) {
        if (value[i] === null) value[i] = zeroOf(items);
        const fault = decodeMember(value, i, items);
        if (fault) return fault;
      }
      return undefined;
    }
    case 'object':
      if (type !== 'object' || Array.isArray(value)) return mismatch(value, goTypeOf(node.schema));
      return decodeObject(value as Json, node);
    default:
      return undefined;
  }
}

const own = (text: string): DecodeFault => ({ text, got: '', wanted: '', struct: '', path: [] });

function mismatch(value: unknown, wanted: string, decodesItself = false): DecodeFault {
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  // A number of the right JSON type that does not fit is printed.
  const got = type === 'number' && /^u?int/.test(wanted) ? `number ${String(value)}` : type;
  if (decodesItself) return own(`json: cannot unmarshal ${got} into Go value of type ${wanted}`);
  return { got, wanted, struct: '', path: [] };
}

function goTypeOf(schema: JsonSchema): string {
  const scalar = schema['x-scalar'];
  if (scalar === 'quantity') return 'resource.Quantity';
  if (scalar === 'time' || scalar === 'microtime') return scalar === 'time' ? 'v1.Time' : 'v1.MicroTime';
  if (scalar === 'int-or-string') return 'intstr.IntOrString';
  if (scalar === 'int32' || scalar === 'int64') return scalar;
  if (scalar === 'bytes') return '[]uint8';
  if (schema.type === 'array') return `[]${goTypeOf(schema.items ?? {})}`;
  if (typeof schema.additionalProperties === 'object') return `map[string]${goTypeOf(schema.additionalProperties)}`;
  if (schema.$id !== undefined) return schema.$id.split('.').slice(-2).join('.');
  if (schema.type === 'boolean') return 'bool';
  return schema.type === 'integer' ? 'int64' : schema.type === 'number' ? 'float64' : (schema.type ?? 'interface {}');
}

function timeFault(text: string): string {
  const layout = '2006-01-02T15:04:05Z07:00';
  const quoted = JSON.stringify(text);
  const head = /^\d{4}-\d{2}-\d{2}/.exec(text);
  if (!head) return `parsing time ${quoted} as "${layout}": cannot parse ${quoted} as "2006"`;
  const rest = text.slice(head[0].length);
  return rest.startsWith('T')
    ? `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest.slice(1))} as "15"`
    : `parsing time ${quoted} as "${layout}": cannot parse ${JSON.stringify(rest)} as "T"`;
}

const CANONICAL_SECONDS = 20;

function toSeconds(text: string): string {
  if (text.length === CANONICAL_SECONDS && text.endsWith('Z')) return text;
  return `${new Date(text).toISOString().slice(0, 19)}Z`;
}

function toMicroseconds(text: string): string {
  const fraction = /[.,](\d+)/.exec(text)?.[1] ?? '';
  const whole = new Date(text.replace(/[.,]\d+/, '')).toISOString().slice(0, 19);
  return `${whole}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** Index of the first byte that Go's decoder refuses, or -1. */
function base64Fault(text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i);
    const letter =
      (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2b || c === 0x2f;
    if (letter) continue;
    const isPadding = c === 0x3d && (i === length - 1 || (i === length - 2 && text.charCodeAt(i + 1) === 0x3d));
    if (!isPadding || length % 4 !== 0) return i;
    return -1;
  }
  return length % 4 === 0 ? -1 : length - (length % 4);
}

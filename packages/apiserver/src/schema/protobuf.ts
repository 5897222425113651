import type { JsonSchema } from '@virtplane/resources';
import { ProtobufReader } from './protobuf-reader.ts';
import { JsonFault } from './strict-json.ts';

const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

type Json = Record<string, unknown>;
type Value = (reader: ProtobufReader, wire: number) => unknown;

interface Field {
  readonly name: string;
  readonly shape: 'one' | 'repeated' | 'map' | 'inline';
  readonly read: Value;
  /** Go wrote it only because it is no pointer; in JSON its omitempty hides it. */
  readonly isHidden: (value: unknown) => boolean;
}

type Message = ReadonlyMap<number, Field>;

/**
 * A Kubernetes protobuf body as its JSON: the envelope runtime.Unknown around the message that `schema` describes through
 * its field numbers. Unknown numbers (newer clients) are skipped. Throws JsonFault.
 */
export function readProtobuf(bytes: Buffer, schema: JsonSchema | undefined): Json {
  if (bytes.length < MAGIC.length || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new JsonFault('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  if (!schema?.['x-protobuf']) throw new JsonFault('this kind has no protobuf form, send JSON');
  const envelope = new ProtobufReader(bytes, MAGIC.length, bytes.length);
  let apiVersion = '';
  let kind = '';
  let raw = new ProtobufReader(bytes, 0, 0);
  while (envelope.more()) {
    const tag = envelope.tag();
    if (tag.field === 1) {
      const typeMeta = envelope.message();
      while (typeMeta.more()) {
        const part = typeMeta.tag();
        if (part.field === 1) apiVersion = typeMeta.string();
        else if (part.field === 2) kind = typeMeta.string();
        else typeMeta.skip(part.wire);
      }
    } else if (tag.field === 2) raw = envelope.message();
    else envelope.skip(tag.wire);
  }
  return { apiVersion, kind, ...readMessage(raw, messageOf(schema)) };
}

const messages = new WeakMap<JsonSchema, Message>();

function messageOf(schema: JsonSchema): Message {
  let message = messages.get(schema);
  if (!message) {
    const fields = new Map<number, Field>();
    messages.set(schema, fields);
    for (const [name, number] of Object.entries(schema['x-protobuf'] ?? {})) {
      const member = schema.properties?.[name];
      if (member) fields.set(number, fieldOf(name, member));
    }
    for (const [name, [number, inlined]] of Object.entries(schema['x-inline'] ?? {})) {
      fields.set(number, { name, shape: 'inline', read: readerOf(inlined), isHidden: () => false });
    }
    message = fields;
  }
  return message;
}

function fieldOf(name: string, schema: JsonSchema): Field {
  const isHidden = hiddenZero(name, schema);
  if (schema.type === 'array' && schema.items) {
    return { name, shape: 'repeated', read: readerOf(schema.items), isHidden };
  }
  if (typeof schema.additionalProperties === 'object') {
    return { name, shape: 'map', read: mapEntryOf(schema.additionalProperties), isHidden };
  }
  return { name, shape: 'one', read: readerOf(schema), isHidden };
}

function mapEntryOf(values: JsonSchema): Value {
  // A map of lists travels as a map of messages with one repeated field (authorization/v1 ExtraValue).
  const read: Value =
    values.type === 'array' && values.items
      ? (reader) => {
          const item = readerOf(values.items ?? {});
          const list: unknown[] = [];
          const inner = reader.message();
          while (inner.more()) {
            const tag = inner.tag();
            if (tag.field === 1) list.push(item(inner, tag.wire));
            else inner.skip(tag.wire);
          }
          return list;
        }
      : readerOf(values);
  return (reader) => {
    const entry = reader.message();
    let key = '';
    let value: unknown;
    while (entry.more()) {
      const tag = entry.tag();
      if (tag.field === 1) key = entry.string();
      else if (tag.field === 2) value = read(entry, tag.wire);
      else entry.skip(tag.wire);
    }
    if (key === '__proto__') throw new JsonFault('the key "__proto__" is not allowed');
    return [key, value];
  };
}

function readerOf(schema: JsonSchema): Value {
  switch (schema['x-scalar']) {
    case 'quantity':
      return (reader) => nested(reader, { 1: (r) => r.string() })[1] ?? '0';
    case 'time':
      return (reader) => timestamp(reader, false);
    case 'microtime':
      return (reader) => timestamp(reader, true);
    case 'int-or-string':
      return (reader) => {
        const parts = nested(reader, { 1: (r) => r.varint(), 2: (r) => r.varint(), 3: (r) => r.string() });
        return parts[1] === 1 ? (parts[3] ?? '') : (parts[2] ?? 0);
      };
    case 'bytes':
      return (reader) => reader.bytes().toString('base64');
    case 'duration':
      return (reader, wire) =>
        wire === 2 ? goDuration(Number(nested(reader, { 1: (r) => r.varint() })[1] ?? 0)) : undefined;
    case 'raw':
      return (reader) => {
        const raw = nested(reader, { 1: (r) => r.bytes().toString('utf8') })[1];
        if (typeof raw !== 'string' || raw === '') return undefined;
        try {
          return JSON.parse(raw) as unknown;
        } catch {
          throw new JsonFault('an embedded object is not valid JSON');
        }
      };
  }
  if (schema['x-protobuf']) {
    return (reader) => readMessage(reader.message(), messageOf(schema));
  }
  switch (schema.type) {
    case 'string':
      return (reader) => reader.string();
    case 'boolean':
      return (reader) => reader.varint() !== 0;
    case 'integer':
      return (reader) => reader.varint();
    case 'number':
      return (reader, wire) => (wire === 1 ? reader.double() : reader.varint());
    default:
      return (reader, wire) => {
        reader.skip(wire);
        return undefined;
      };
  }
}

function nested(reader: ProtobufReader, fields: Record<number, (reader: ProtobufReader) => string | number>) {
  const message = reader.message();
  const values: Record<number, string | number | undefined> = {};
  while (message.more()) {
    const tag = message.tag();
    const read = fields[tag.field];
    if (read) values[tag.field] = read(message);
    else message.skip(tag.wire);
  }
  return values;
}

/** An empty message is Go's zero time, which JSON shows as null or not at all. */
function timestamp(reader: ProtobufReader, micro: boolean): string | undefined {
  const parts = nested(reader, { 1: (r) => r.varint(), 2: (r) => r.varint() });
  if (parts[1] === undefined && parts[2] === undefined) return undefined;
  const seconds = Number(parts[1] ?? 0);
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) throw new JsonFault(`time ${seconds} is out of range`);
  const whole = date.toISOString().slice(0, 19);
  return micro ? `${whole}.${String(Math.floor(Number(parts[2] ?? 0) / 1000)).padStart(6, '0')}Z` : `${whole}Z`;
}

function goDuration(nanoseconds: number): string {
  let seconds = nanoseconds / 1e9;
  const hours = Math.floor(seconds / 3600);
  seconds -= hours * 3600;
  const minutes = Math.floor(seconds / 60);
  seconds -= minutes * 60;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function readMessage(reader: ProtobufReader, message: Message): Json {
  const json: Json = {};
  while (reader.more()) {
    const { field: number, wire } = reader.tag();
    const field = message.get(number);
    if (!field) {
      reader.skip(wire);
      continue;
    }
    const value = field.read(reader, wire);
    if (value === undefined) continue;
    switch (field.shape) {
      case 'repeated': {
        const list = json[field.name];
        if (Array.isArray(list)) list.push(value);
        else json[field.name] = [value];
        break;
      }
      case 'map': {
        const [key, item] = value as [string, unknown];
        const map = (json[field.name] ?? {}) as Json;
        map[key] = item ?? '';
        json[field.name] = map;
        break;
      }
      case 'inline':
        Object.assign(json, value);
        break;
      case 'one':
        if (!field.isHidden(value)) json[field.name] = value;
    }
  }
  return json;
}

/**
 * Go writes fields that are no pointers even when they are zero, and JSON's omitempty hides them again. Optional fields whose
 * zero means something are pointers; these are their names in Kubernetes 1.25 to 1.33.
 */
const ZERO_MATTERS = new Set(
  (
    'activeDeadlineSeconds allocateLoadBalancerNodePorts allowPrivilegeEscalation allowVolumeExpansion apiGroup attachRequired ' +
    'automountServiceAccountToken backoffLimit blockOwnerDeletion collisionCount completions controller defaultMode ' +
    'deletionGracePeriodSeconds enableServiceLinks expirationSeconds fsGroup fsGroupChangePolicy gracePeriodSeconds holderIdentity ' +
    'hostProcess hostUsers immutable leaseDurationSeconds leaseTransitions maxReplicas minDomains mode optional ' +
    'orphanDependents parallelism partition podInfoOnMount priority privileged procMount progressDeadlineSeconds ' +
    'readOnlyRootFilesystem ready replicas requiresRepublish revisionHistoryLimit runAsGroup runAsNonRoot runAsUser serving ' +
    'setHostnameAsFQDN shareProcessNamespace started storageCapacity storageClassName suspend terminating ' +
    'terminationGracePeriodSeconds timeoutSeconds tolerationSeconds ttlSecondsAfterFinished volumeMode'
  ).split(' '),
);
/** Structs that are no pointers and that Go's JSON shows as `{}` only because omitempty does not work on structs. */
const EMPTY_IS_NOTHING = new Set([
  'status',
  'strategy',
  'updateStrategy',
  'state',
  'lastState',
  'loadBalancer',
  'metadata',
]);

function hiddenZero(name: string, schema: JsonSchema): (value: unknown) => boolean {
  if (schema['x-protobuf']) {
    return EMPTY_IS_NOTHING.has(name) ? (value) => Object.keys(value as object).length === 0 : () => false;
  }
  if (schema['x-scalar'] === 'quantity' || schema['x-scalar'] === 'int-or-string') return () => false;
  if (ZERO_MATTERS.has(name)) return () => false;
  return (value) => value === '' || value === 0 || value === false;
}

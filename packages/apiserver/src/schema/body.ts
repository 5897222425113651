import {
  BindingSchema,
  DeleteOptionsSchema,
  EvictionSchema,
  type JsonSchema,
  type ResourceDefinition,
  ScaleSchema,
  type StatusError,
  TokenRequestSchema,
} from '@virtplane/resources';
import { badRequest, unsupportedMediaType } from '../errors.ts';
import type { RequestBody } from '../http/request.ts';
import { readProtobuf } from './protobuf.ts';
import { JsonFault, readStrictJson, type StrictJson } from './strict-json.ts';
import { readStrictYaml } from './yaml.ts';

export interface BodyOptions {
  /** The kind that the path serves; absent for DeleteOptions and other bodies that are no stored kind. */
  readonly definition?: ResourceDefinition;
  /** Go's name of what is expected, for messages; default: the definition's kind. */
  readonly kind?: string;
}

/** Kinds that come as bodies though they are not stored. */
const MESSAGES: Readonly<Record<string, JsonSchema>> = {
  Binding: BindingSchema,
  DeleteOptions: DeleteOptionsSchema,
  Eviction: EvictionSchema,
  Scale: ScaleSchema,
  TokenRequest: TokenRequestSchema,
};

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The media type without parameters, lower case; absent: JSON. */
function mediaTypeOf(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
  return type === '' ? 'application/json' : type;
}

/**
 * Decodes JSON, YAML and (built-in kinds) protobuf. An absent body is `undefined` unless a stored kind is expected.
 * Throws StatusError 400 or 415.
 */
export function decodeBody(body: RequestBody, options: BodyOptions = {}): StrictJson {
  if (body.kind === 'value') return { value: body.value, duplicates: [] };
  const bytes = body.kind === 'bytes' ? body.bytes : Buffer.alloc(0);
  if (bytes.length === 0 && !options.definition) return { value: undefined, duplicates: [] };
  const builtIn = options.definition?.builtIn ?? true;
  try {
    switch (mediaTypeOf(body.contentType)) {
      case 'application/json':
        return requireObject(readStrictJson(bytes));
      case 'application/yaml':
      case 'application/x-yaml':
      case 'text/yaml':
        return requireObject(readStrictYaml(bytes));
      case PROTOBUF:
        if (!builtIn) break;
        return {
          value: readProtobuf(bytes, options.definition?.schema ?? MESSAGES[options.kind ?? 'DeleteOptions']),
          duplicates: [],
        };
    }
  } catch (fault) {
    if (fault instanceof JsonFault) throw unrecognized(fault.message, bytes, options);
    throw fault;
  }
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml${builtIn ? `, ${PROTOBUF}` : ''}`,
  );
}

function requireObject(decoded: StrictJson): StrictJson {
  const { value } = decoded;
  if (value === null) return { value: {}, duplicates: [] };
  if (typeof value === 'object' && !Array.isArray(value)) return decoded;
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw new JsonFault(
    `json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
  );
}

function unrecognized(text: string, bytes: Buffer, options: BodyOptions): StatusError {
  const kind = options.kind ?? options.definition?.kind ?? 'DeleteOptions';
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${text} (${summary(bytes)})`,
  );
}

/** Source: apiserver handlers.summarizeData. */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const head = bytes.subarray(0, 30);
  const text = bytes[0] === 0x7b ? head.toString('utf8') : head.toString('hex');
  return bytes.length > 30 ? `${text} ...` : text;
}

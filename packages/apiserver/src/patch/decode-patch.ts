import type { PatchType } from '@virtplane/runtime';
import { badRequest, tooLarge } from '../errors.ts';
import type { RequestBody } from '../http/request.ts';
import { JsonFault, readStrictJson, type StrictJson } from '../schema/strict-json.ts';
import { readStrictYaml } from '../schema/yaml.ts';

const MAX_OPERATIONS = 10_000;

const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;

/**
 * The patch document of a PATCH body. `ignore`: fieldValidation=Ignore (raw decoder texts). Throws StatusError 400
 * (`error decoding patch: …`, `error decoding YAML: …`) or 413 (more than 10,000 operations).
 */
export function decodePatch(body: RequestBody, type: PatchType, ignore: boolean): StrictJson {
  const decoded = read(body, type, ignore);
  const { value } = decoded;
  if (type === 'json') {
    if (!Array.isArray(value)) {
      const text = `json: cannot unmarshal ${typeName(value)} into Go value of type ${ignore ? 'jsonpatch.Patch' : '[]handlers.jsonPatchOp'}`;
      throw badRequest(ignore ? text : `error decoding patch: ${text}`);
    }
    if (value.length > MAX_OPERATIONS) {
      throw tooLarge(
        `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`,
      );
    }
  } else if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const text = `json: cannot unmarshal ${typeName(value)} into Go value of type map[string]interface {}`;
    if (type === 'apply') throw badRequest(`error decoding YAML: ${text}`);
    throw badRequest(ignore || type === 'strategic' ? text : `error decoding patch: ${text}`);
  }
  return decoded;
}

function read(body: RequestBody, type: PatchType, ignore: boolean): StrictJson {
  if (body.kind === 'value') return { value: body.value, duplicates: [] };
  const bytes = body.kind === 'bytes' ? body.bytes : Buffer.alloc(0);
  try {
    if (type !== 'apply') return readStrictJson(bytes);
    // JSON is YAML, and the usual case: client-go sends it.
    return bytes[0] === 0x7b ? readJsonOrYaml(bytes) : readStrictYaml(bytes);
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    if (type === 'apply') throw badRequest(`error decoding YAML: ${fault.message}`);
    throw badRequest(ignore || type === 'strategic' ? fault.message : `error decoding patch: ${fault.message}`);
  }
}

function readJsonOrYaml(bytes: Buffer): StrictJson {
  try {
    return readStrictJson(bytes);
  } catch (fault) {
    if (fault instanceof JsonFault) return readStrictYaml(bytes);
    throw fault;
  }
}

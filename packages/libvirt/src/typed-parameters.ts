/** virTypedParameter: named values whose type travels with them. */
import { XdrError, type XdrReader, type XdrWriter } from './xdr.ts';

export type TypedParameter =
  | { name: string; type: 'int' | 'uint' | 'double'; value: number }
  | { name: string; type: 'llong' | 'ullong'; value: bigint }
  | { name: string; type: 'boolean'; value: boolean }
  | { name: string; type: 'string'; value: string };

const wireType = { int: 1, uint: 2, llong: 3, ullong: 4, double: 5, boolean: 6, string: 7 } as const;

export function writeTypedParameters(writer: XdrWriter, parameters: readonly TypedParameter[]): XdrWriter {
  writer.u32(parameters.length);
  for (const parameter of parameters) {
    writer.string(parameter.name).i32(wireType[parameter.type]);
    switch (parameter.type) {
      case 'int':
        writer.i32(parameter.value);
        break;
      case 'uint':
        writer.u32(parameter.value);
        break;
      case 'llong':
        writer.i64(parameter.value);
        break;
      case 'ullong':
        writer.u64(parameter.value);
        break;
      case 'double':
        writer.f64(parameter.value);
        break;
      case 'boolean':
        writer.bool(parameter.value);
        break;
      case 'string':
        writer.string(parameter.value);
        break;
    }
  }
  return writer;
}

function readTypedParameter(reader: XdrReader): TypedParameter {
  const name = reader.string();
  const type = reader.i32();
  switch (type) {
    case wireType.int:
      return { name, type: 'int', value: reader.i32() };
    case wireType.uint:
      return { name, type: 'uint', value: reader.u32() };
    case wireType.llong:
      return { name, type: 'llong', value: reader.i64() };
    case wireType.ullong:
      return { name, type: 'ullong', value: reader.u64() };
    case wireType.double:
      return { name, type: 'double', value: reader.f64() };
    case wireType.boolean:
      return { name, type: 'boolean', value: reader.bool() };
    case wireType.string:
      return { name, type: 'string', value: reader.string() };
    default:
      throw new XdrError(`libvirt sent the parameter "${name}" with the unknown type ${type}`);
  }
}

export function readTypedParameters(reader: XdrReader): TypedParameter[] {
  return reader.array(readTypedParameter);
}

/** Values by name; 64-bit numbers become JavaScript numbers (exact up to 2^53, beyond every size in use). */
export function parameterRecord(parameters: readonly TypedParameter[]): Record<string, number | string | boolean> {
  const record: Record<string, number | string | boolean> = {};
  for (const { name, value } of parameters) record[name] = typeof value === 'bigint' ? Number(value) : value;
  return record;
}

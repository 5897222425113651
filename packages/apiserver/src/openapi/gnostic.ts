import { type Operation, type PathItem, queryType } from './paths.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { OpenApiSchema } from './schemas.ts';

/**
 * Parts of gnostic's message openapi.v2.Document, the only form of OpenAPI v2 that kubectl up to 1.28 asks for. Field numbers:
 * google/gnostic openapiv2/OpenAPIv2.proto.
 */

/** A message Any: its text is YAML, of which JSON is a part. */
const any = (writer: ProtobufWriter, field: number, value: unknown): void => {
  writer.message(field, (w) => w.string(2, JSON.stringify(value)));
};

const vendorExtension = (writer: ProtobufWriter, field: number, name: string, value: unknown): void => {
  writer.message(field, (w) => {
    w.string(1, name);
    any(w, 2, value);
  });
};

const namedSchema = (writer: ProtobufWriter, field: number, name: string, schema: OpenApiSchema): void => {
  writer.message(field, (w) => {
    w.string(1, name);
    w.message(2, (inner) => writeSchema(inner, schema));
  });
};

function writeSchema(writer: ProtobufWriter, schema: OpenApiSchema): void {
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined) continue;
    switch (key) {
      case '$ref':
        writer.string(1, value as string);
        break;
      case 'format':
        writer.string(2, value as string);
        break;
      case 'title':
        writer.string(3, value as string);
        break;
      case 'description':
        writer.string(4, value as string);
        break;
      case 'default':
        any(writer, 5, value);
        break;
      case 'multipleOf':
        writer.double(6, value as number);
        break;
      case 'maximum':
        writer.double(7, value as number);
        break;
      case 'exclusiveMaximum':
        writer.boolean(8, value as boolean);
        break;
      case 'minimum':
        writer.double(9, value as number);
        break;
      case 'exclusiveMinimum':
        writer.boolean(10, value as boolean);
        break;
      case 'maxLength':
        writer.integer(11, value as number);
        break;
      case 'minLength':
        writer.integer(12, value as number);
        break;
      case 'pattern':
        writer.string(13, value as string);
        break;
      case 'maxItems':
        writer.integer(14, value as number);
        break;
      case 'minItems':
        writer.integer(15, value as number);
        break;
      case 'uniqueItems':
        writer.boolean(16, value as boolean);
        break;
      case 'maxProperties':
        writer.integer(17, value as number);
        break;
      case 'minProperties':
        writer.integer(18, value as number);
        break;
      case 'required':
        writer.strings(19, value as string[]);
        break;
      case 'enum':
        for (const item of value as unknown[]) any(writer, 20, item);
        break;
      case 'additionalProperties':
        writer.message(21, (w) => {
          if (typeof value === 'boolean') w.boolean(2, value);
          else w.message(1, (inner) => writeSchema(inner, value as OpenApiSchema));
        });
        break;
      case 'type':
        writer.message(22, (w) => w.string(1, value as string));
        break;
      case 'items':
        writer.message(23, (w) => w.message(1, (inner) => writeSchema(inner, value as OpenApiSchema)));
        break;
      case 'properties':
        writer.message(25, (w) => {
          for (const [name, member] of Object.entries(value as Record<string, OpenApiSchema>))
            namedSchema(w, 1, name, member);
        });
        break;
      default:
        if (key.startsWith('x-')) vendorExtension(writer, 31, key, value);
    }
  }
}

function writeOperation(writer: ProtobufWriter, operation: Operation): void {
  writer.string(5, operation.id);
  writer.string(6, 'application/json');
  writer.strings(7, operation.consumes);
  for (const name of operation.queries) {
    // ParametersItem.parameter.non_body_parameter.query_parameter_sub_schema
    writer.message(8, (item) =>
      item.message(1, (parameter) =>
        parameter.message(2, (nonBody) =>
          nonBody.message(3, (query) => {
            query.string(2, 'query');
            query.string(4, name);
            query.string(6, queryType(name));
          }),
        ),
      ),
    );
  }
  writer.message(9, (responses) =>
    responses.message(1, (named) => {
      named.string(1, '200');
      named.message(2, (value) =>
        value.message(1, (response) => {
          response.string(1, 'OK');
          const { answers } = operation;
          if (answers !== undefined) {
            response.message(2, (item) => item.message(1, (schema) => schema.string(1, `#/definitions/${answers}`)));
          }
        }),
      );
    }),
  );
  vendorExtension(writer, 13, 'x-kubernetes-action', operation.action);
  vendorExtension(writer, 13, 'x-kubernetes-group-version-kind', operation.gvk);
}

const METHODS: Readonly<Record<Operation['method'], number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };

/** Field `paths.path` of the document. */
export function encodePath(item: PathItem): Buffer {
  const writer = new ProtobufWriter();
  writer.message(2, (named) => {
    named.string(1, item.path);
    named.message(2, (value) => {
      for (const operation of item.operations)
        value.message(METHODS[operation.method], (w) => writeOperation(w, operation));
      for (const name of item.parameters) {
        value.message(9, (parameters) =>
          parameters.message(1, (parameter) =>
            parameter.message(2, (nonBody) =>
              nonBody.message(4, (path) => {
                path.boolean(1, true);
                path.string(2, 'path');
                path.string(4, name);
                path.string(6, 'string');
              }),
            ),
          ),
        );
      }
    });
  });
  return writer.finish();
}

/** Field `definitions.additional_properties` of the document. */
export function encodeDefinition(name: string, schema: OpenApiSchema): Buffer {
  const writer = new ProtobufWriter();
  namedSchema(writer, 1, name, schema);
  return writer.finish();
}

export function encodeDocument(release: string, paths: readonly Buffer[], definitions: readonly Buffer[]): Buffer {
  const writer = new ProtobufWriter();
  writer.string(1, '2.0');
  writer.message(2, (info) => {
    info.string(1, 'Kubernetes');
    info.string(2, release);
  });
  writer.bytes(8, Buffer.concat(paths));
  writer.bytes(9, Buffer.concat(definitions));
  return writer.finish();
}

import { ConfigMap, Deployment, Lease, type ResourceDefinition, Secret, StatusError } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProtobufWriter } from '../openapi/protobuf-writer.ts';
import { decodeBody } from './body.ts';

type Write = (writer: ProtobufWriter) => void;

const envelope = (apiVersion: string, kind: string, write: Write): Buffer => {
  const writer = new ProtobufWriter();
  writer.message(1, (w) => {
    w.string(1, apiVersion);
    w.string(2, kind);
  });
  writer.message(2, write);
  writer.string(3, '');
  return Buffer.concat([Buffer.from([0x6b, 0x38, 0x73, 0x00]), writer.finish()]);
};

const decode = (bytes: Buffer, definition?: ResourceDefinition): unknown =>
  decodeBody(
    { kind: 'bytes', contentType: 'application/vnd.kubernetes.protobuf', bytes },
    definition ? { definition } : { kind: 'DeleteOptions' },
  ).value;

const meta =
  (name: string): Write =>
  (writer) => {
    writer.message(1, (w) => {
      w.string(1, name);
      // What Go writes though it is zero.
      w.string(2, '');
      w.bytes(8, Buffer.alloc(0));
    });
  };

describe('protobuf bodies', () => {
  test('a ConfigMap of any content comes out as it went in', () => {
    const text = fc.string({ unit: 'grapheme' });
    const key = fc.string({ minLength: 1 }).filter((k) => k !== '__proto__');
    fc.assert(
      fc.property(text, fc.dictionary(key, text), (name, data) => {
        const bytes = envelope('v1', 'ConfigMap', (writer) => {
          meta(name)(writer);
          for (const [k, v] of Object.entries(data)) {
            writer.message(2, (entry) => {
              entry.string(1, k);
              entry.string(2, v);
            });
          }
        });
        expect(decode(bytes, ConfigMap)).toEqual({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          ...(name === '' ? {} : { metadata: { name } }),
          ...(Object.keys(data).length === 0 ? {} : { data }),
        });
      }),
    );
  });

  test('bytes, quantities, times, numbers or strings, and unknown fields', () => {
    const secret = envelope('v1', 'Secret', (writer) => {
      meta('s')(writer);
      writer.message(2, (entry) => {
        entry.string(1, 'k');
        entry.bytes(2, Buffer.from([1, 2, 255]));
      });
      writer.string(3, 'Opaque');
      writer.string(99, 'from the future');
    });
    expect(decode(secret, Secret)).toMatchObject({ data: { k: 'AQL/' }, type: 'Opaque' });

    const lease = envelope('coordination.k8s.io/v1', 'Lease', (writer) => {
      meta('l')(writer);
      writer.message(2, (spec) => {
        spec.string(1, '');
        spec.integer(2, 15);
        spec.message(4, (time) => {
          time.integer(1, 1_700_000_000);
          time.integer(2, 123_456_789);
        });
      });
    });
    expect(decode(lease, Lease)).toMatchObject({
      spec: { holderIdentity: '', leaseDurationSeconds: 15, renewTime: '2023-11-14T22:13:20.123456Z' },
    });

    const deployment = envelope('apps/v1', 'Deployment', (writer) => {
      meta('d')(writer);
      writer.message(2, (spec) => {
        spec.message(4, (strategy) =>
          strategy.message(2, (rolling) => {
            rolling.message(1, (share) => {
              share.integer(1, 1);
              share.string(3, '25%');
            });
            rolling.message(2, (share) => share.integer(2, 3));
          }),
        );
        spec.message(3, (template) =>
          template.message(2, (pod) => {
            pod.message(1, (volume) => {
              volume.string(1, 'v');
              volume.message(2, (source) => source.message(2, (emptyDir) => emptyDir.string(1, '')));
            });
            pod.message(2, (container) => {
              container.string(1, 'c');
              container.message(8, (resources) =>
                resources.message(1, (limit) => {
                  limit.string(1, 'memory');
                  limit.message(2, (quantity) => quantity.string(1, '1Gi'));
                }),
              );
            });
          }),
        );
      });
      writer.message(3, () => undefined);
    });
    expect(decode(deployment, Deployment)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        strategy: { rollingUpdate: { maxUnavailable: '25%', maxSurge: 3 } },
        template: {
          spec: {
            // The source is a message of its own on the wire and none in JSON.
            volumes: [{ name: 'v', emptyDir: {} }],
            containers: [{ name: 'c', resources: { limits: { memory: '1Gi' } } }],
          },
        },
      },
    });
  });

  test('delete options', () => {
    const bytes = envelope('v1', 'DeleteOptions', (writer) => {
      writer.string(4, 'Background');
      writer.integer(1, 5);
    });
    expect(decode(bytes)).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      gracePeriodSeconds: 5,
    });
  });

  test('anything malformed is refused with 400, never worse', () => {
    const valid = envelope('v1', 'ConfigMap', meta('c'));
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(255), fc.boolean(), (at, value, cut) => {
        const bytes = Buffer.from(cut ? valid.subarray(0, at) : valid);
        if (!cut) bytes[at] = value;
        try {
          decode(bytes, ConfigMap);
        } catch (error) {
          expect(error).toBeInstanceOf(StatusError);
          expect((error as StatusError).code).toBe(400);
        }
      }),
    );
  });
});

describe('other bodies', () => {
  const body = (contentType: string, text: string) =>
    ({ kind: 'bytes', contentType, bytes: Buffer.from(text) }) as const;
  const refusal = (act: () => unknown): string => {
    try {
      act();
    } catch (error) {
      if (error instanceof StatusError) return `${error.code} ${error.status.message}`;
      throw error;
    }
    return 'accepted';
  };

  test('YAML and JSON with parameters', () => {
    expect(decodeBody(body('application/yaml', 'a: 1'), { definition: ConfigMap }).value).toEqual({ a: 1 });
    expect(decodeBody(body('application/json; charset=utf-8', '{"a":1}'), { definition: ConfigMap }).value).toEqual({
      a: 1,
    });
    expect(decodeBody({ kind: 'none', contentType: '' }).value).toBeUndefined();
  });

  test.each([
    [
      'text/plain',
      'x',
      '415 the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ],
    [
      'application/json',
      '{"a"',
      `400 the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input ({"a")`,
    ],
    [
      'application/json',
      '',
      "400 the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
    ],
  ])('%s %j', (type, text, message) => {
    expect(refusal(() => decodeBody(body(type, text), { definition: ConfigMap }))).toBe(message);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from './json.ts';
import { complete, moveShorthand } from './shorthand.ts';

const tolerations = [{ key: 'key', operator: 'Equal', value: 'virtualization', effect: 'NoSchedule' }];
const vm = (spec: JsonObject, annotation?: JsonObject): JsonObject => ({
  metadata: annotation
    ? { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(annotation) } }
    : {},
  spec,
});
const template = (spec: JsonObject): JsonObject => ({ template: { spec } });

describe('on create', () => {
  test('moves to an absent target, with one warning', () => {
    const { object, warnings, faults } = moveShorthand(vm({ tolerations }));
    expect(object.spec).toEqual(template({ tolerations }));
    expect(warnings).toEqual(['spec.tolerations is shorthand and was moved to spec.template.spec.tolerations']);
    expect(faults).toEqual([]);
  });

  test('nothing to move: the very same object, no warning', () => {
    const given = vm(template({ tolerations }));
    const result = moveShorthand(given);
    expect(result.object).toBe(given);
    expect(result.warnings).toEqual([]);
  });

  test('disjoint maps are united', () => {
    const given = vm({ nodeSelector: { a: '1' }, ...template({ nodeSelector: { b: '2' } }) });
    expect(moveShorthand(given).object.spec).toEqual(template({ nodeSelector: { a: '1', b: '2' } }));
  });

  test.each([
    ['nodeSelector', { a: '1' }, { a: '2' }],
    ['tolerations', tolerations, []],
    ['domain', { memory: { guest: '1Gi' } }, { memory: { guest: '2Gi' } }],
  ])('a conflict in %s is a fault', (field, short, target) => {
    const { faults } = moveShorthand(vm({ [field]: short, ...template({ [field]: target }) }));
    expect(faults).toEqual([
      {
        type: 'FieldValueInvalid',
        field: `spec.${field}`,
        message: `spec.${field} and spec.template.spec.${field} are both set and differ; keep only spec.template.spec.${field}`,
      },
    ]);
  });
});

describe('on update', () => {
  const old = vm(template({ nodeSelector: { a: '1' }, domain: { cpu: { cores: 1 }, devices: {} } }));

  test('shorthand replaces what the request leaves as it is stored', () => {
    const given = vm({ ...template({ nodeSelector: { a: '1' } }), nodeSelector: { b: '2' } });
    expect(moveShorthand(given, old).object.spec).toEqual(template({ nodeSelector: { b: '2' } }));
  });

  test('domain is merged in depth, shorthand leaves first', () => {
    const given = vm({
      ...template({ domain: { cpu: { cores: 1 }, devices: {} } }),
      domain: { cpu: { cores: 4 }, memory: { guest: '1Gi' } },
    });
    expect(moveShorthand(given, old).object.spec).toEqual(
      template({ domain: { cpu: { cores: 4 }, devices: {}, memory: { guest: '1Gi' } } }),
    );
  });

  test('both changed differently: a fault', () => {
    const given = vm({ ...template({ nodeSelector: { a: '9' } }), nodeSelector: { a: '2' } });
    expect(moveShorthand(given, old).faults).toHaveLength(1);
  });

  test('applying the same again changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (nodeSelector) => {
        const first = moveShorthand(vm({ nodeSelector, tolerations })).object;
        const again = moveShorthand(
          { ...first, spec: { ...(first.spec as JsonObject), nodeSelector, tolerations } },
          first,
        );
        expect(again.object.spec).toEqual(first.spec);
        expect(again.faults).toEqual([]);
      }),
    );
  });

  test('a short form that left the applied file leaves the template too', () => {
    const before = vm(template({ tolerations, domain: { cpu: { cores: 1 }, devices: {} } }), {
      spec: { tolerations, domain: { cpu: { cores: 1 } } },
    });
    const now = vm(template({ tolerations, domain: { cpu: { cores: 1 }, devices: {} } }), { spec: {} });
    expect(moveShorthand(now, before).object.spec).toEqual(template({ domain: { devices: {} } }));
  });

  test('a value that was changed since stays', () => {
    const before = vm(template({ tolerations: [] }), { spec: { tolerations } });
    const now = vm(template({ tolerations: [] }), { spec: {} });
    expect(moveShorthand(now, before).object.spec).toEqual(template({ tolerations: [] }));
  });
});

describe('completion', () => {
  test('of an empty spec', () => {
    const { object, warnings } = complete({ spec: {} });
    expect(object.spec).toEqual({ runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } } });
    expect(warnings).toEqual([
      'spec.runStrategy not set; using Halted',
      'spec.template not set; using {}',
      'spec.template.spec.domain not set; using {}',
      'spec.template.spec.domain.devices not set; using {}',
    ]);
  });

  test('of a complete one: untouched', () => {
    const given = { spec: { running: false, template: { spec: { domain: { devices: {} } } } } };
    expect(complete(given)).toEqual({ object: given, warnings: [] });
    expect(complete(given).object).toBe(given);
  });
});

test('whatever JSON comes: no crash', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (short, inner, old) => {
      const given = { spec: { domain: short, tolerations: inner, template: inner } };
      complete(moveShorthand(given as JsonObject, { spec: old } as JsonObject).object);
    }),
    { numRuns: 300 },
  );
});

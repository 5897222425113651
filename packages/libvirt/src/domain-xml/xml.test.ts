import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { element, renderXml, XmlValueError } from './xml.ts';

const carriable = fc
  .string({ unit: 'binary' })
  .filter((value) => /^[\t\n\r\u0020-\u007e\u0080-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u.test(value));

describe('values', () => {
  test('come back as they were, in text and in attributes', () => {
    fc.assert(
      fc.property(carriable, (value) => {
        const xml = renderXml(element('a', { b: value }, element('c', {}, value)));
        const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement!;
        expect(root.getAttribute('b')).toBe(value);
        expect(root.getElementsByTagName('c')[0]?.textContent).toBe(value);
      }),
    );
  });

  test.each(["'/><seclabel type='none'/><x y='", '</name><devices/>', ']]><!--', '&quot;&lt;', '<?xml?>'])(
    '%s never breaks out',
    (hostile) => {
      const root = new DOMParser().parseFromString(
        renderXml(element('a', { b: hostile }, element('c', {}, hostile))),
        'text/xml',
      ).documentElement!;
      expect(root.attributes.length).toBe(1);
      expect(Array.from(root.getElementsByTagName('*'), (node) => node.nodeName)).toEqual(['c']);
    },
  );

  test.each(['\0', '\x1b', '\x7f', '\ufffe', '\ud800', '\udc00x'])('%j is refused, naming where it stands', (bad) => {
    expect(() => renderXml(element('name', {}, `a${bad}`))).toThrow(XmlValueError);
    expect(() => renderXml(element('disk', { serial: bad }))).toThrow(/disk\/@serial contains the character U\+/);
  });
});

test('absent attributes and children leave no trace', () => {
  expect(renderXml(element('a', { b: undefined, c: 0 }, undefined, false, element('d')))).toBe(
    "<a c='0'>\n  <d/>\n</a>\n",
  );
});

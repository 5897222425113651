import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type IsoFile, isoImage } from './iso9660.ts';

const directory = mkdtempSync(join(tmpdir(), 'iso-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const runs = (file: string, args: string[]): boolean => {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};
const hasXorriso = runs('xorriso', ['-version']);

const files: IsoFile[] = [
  { path: 'user-data', content: '#cloud-config\n' },
  { path: 'meta-data', content: Buffer.alloc(5000, 'm') },
  { path: 'network-config', content: '' },
  { path: 'openstack/latest/user_data', content: 'u' },
  { path: 'openstack/latest/meta_data.json', content: '{}' },
  { path: 'a-rather-long-name-with.many.dots.and-ünïcode', content: 'x' },
  ...Array.from({ length: 120 }, (_, i) => ({ path: `many/entry-number-${i}`, content: `${i}` })),
];

describe.skipIf(!hasXorriso)('xorriso reads back every file', () => {
  test.each([
    ['Rock Ridge', ['-joliet', 'off']],
    ['Joliet', ['-read_fs', 'norock']],
  ])('%s', (name, options) => {
    const image = join(directory, `${name}.iso`);
    writeFileSync(image, isoImage('cidata', files));
    const out = join(directory, name.replace(' ', ''));
    execFileSync('xorriso', ['-osirrox', 'on', ...options, '-indev', image, '-extract', '/', out], { stdio: 'ignore' });
    for (const file of files) expect(readFileSync(join(out, file.path)).equals(Buffer.from(file.content))).toBe(true);
    expect(readdirSync(join(out, 'many'))).toHaveLength(120);
    expect(statSync(join(out, 'user-data')).isFile()).toBe(true);
  });
  test('the label stays as written', () => {
    const image = join(directory, 'label.iso');
    writeFileSync(image, isoImage('config-2', files));
    const report = execFileSync('xorriso', ['-indev', image, '-pvd_info'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(report).toMatch(/Volume Id\s*: config-2/);
  });
});

test('the same files give the same bytes', () => {
  expect(isoImage('cidata', files).equals(isoImage('cidata', files))).toBe(true);
});

test.each(['', '..', 'a/../b', 'a//b', 'x'.repeat(200)])('refuses the path %j', (path) => {
  expect(() => isoImage('cidata', [{ path, content: '' }])).toThrow(RangeError);
});
test('refuses a path twice and a label too long', () => {
  expect(() =>
    isoImage('cidata', [
      { path: 'a', content: '' },
      { path: 'a', content: '' },
    ]),
  ).toThrow('twice');
  expect(() => isoImage('x'.repeat(17), [])).toThrow('label');
});

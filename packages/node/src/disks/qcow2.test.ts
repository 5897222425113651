import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { emptyQcow2 } from './qcow2.ts';

const directory = mkdtempSync(join(tmpdir(), 'qcow2-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const hasQemuImg = ((): boolean => {
  try {
    execFileSync('qemu-img', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasQemuImg)('qemu-img agrees', () => {
  test.each([512, 1 << 20, 10 * 2 ** 30, 2 ** 42 + 2 ** 30])('%d bytes', (size) => {
    const path = join(directory, `d${size}.qcow2`);
    writeFileSync(path, emptyQcow2(size));
    const info = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', path], { encoding: 'utf8' }));
    expect([info.format, info['virtual-size']]).toEqual(['qcow2', size]);
    const check = JSON.parse(execFileSync('qemu-img', ['check', '--output=json', path], { encoding: 'utf8' }));
    expect(check['check-errors']).toBe(0);
    expect(check.leaks ?? 0).toBe(0);
  });

  test('over a backing file, and QEMU reads through and writes into it', () => {
    const base = join(directory, 'base.raw');
    writeFileSync(base, Buffer.alloc(1 << 20, 7));
    const path = join(directory, 'over.qcow2');
    writeFileSync(path, emptyQcow2(1 << 20, { path: base, format: 'raw' }));
    const info = JSON.parse(execFileSync('qemu-img', ['info', '--output=json', path], { encoding: 'utf8' }));
    expect([info['backing-filename'], info['backing-filename-format']]).toEqual([base, 'raw']);
    execFileSync('qemu-img', ['check', path]);
    execFileSync('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', path, base]);
  });
});

test.each([0, -512, 100, Number.NaN, 2 ** 46])('refuses %d bytes', (size) => {
  expect(() => emptyQcow2(size)).toThrow(RangeError);
});
test('refuses names that do not fit', () => {
  expect(() => emptyQcow2(512, { path: `/${'x'.repeat(1100)}`, format: 'raw' })).toThrow('longer than');
});

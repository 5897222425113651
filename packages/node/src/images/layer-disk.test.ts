import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entryName, extractDisk, type LayerFile } from './layer-disk.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'layer-disk-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

type Entry = Partial<Header> & { name: string; content?: string | Buffer };

async function layer(entries: readonly Entry[], gzip = true): Promise<LayerFile> {
  const tar = pack();
  for (const { content, ...header } of entries) {
    if (content === undefined) tar.entry(header);
    else tar.entry(header, content);
  }
  tar.finalize();
  const parts: Buffer[] = [];
  for await (const part of tar) parts.push(part as Buffer);
  const bytes = gzip ? gzipSync(Buffer.concat(parts)) : Buffer.concat(parts);
  const path = join(directory, `${createHash('sha256').update(bytes).digest('hex')}.tar`);
  await writeFile(path, bytes);
  return { path, compression: gzip ? 'gzip' : 'none' };
}

const taken = async (layers: readonly LayerFile[], path?: string): Promise<string> => {
  const found = await extractDisk(layers, path, directory);
  return `${found.name}=${await readFile(found.path, 'utf8')}`;
};

describe('takes', () => {
  test('the single file in /disk', async () => {
    const one = await layer([
      { name: 'disk/', type: 'directory' },
      { name: 'disk/disk.img', content: 'one' },
      { name: 'etc/x', content: 'no' },
    ]);
    expect(await taken([one])).toBe('disk/disk.img=one');
  });
  test('the file of a path, from an uncompressed layer', async () => {
    const one = await layer(
      [
        { name: './a/b.img', content: 'two' },
        { name: 'disk/c.img', content: 'no' },
      ],
      false,
    );
    expect(await taken([one], '/a/b.img')).toBe('a/b.img=two');
  });
  test('the later layer', async () => {
    expect(
      await taken([
        await layer([{ name: 'disk/d', content: 'old' }]),
        await layer([{ name: 'disk/d', content: 'new' }]),
      ]),
    ).toBe('disk/d=new');
  });
  test('nothing for whiteouts', async () => {
    expect(
      await taken([
        await layer([{ name: 'disk/d', content: 'x' }]),
        await layer([{ name: 'disk/.wh.other', content: '' }]),
      ]),
    ).toBe('disk/d=x');
  });
  test('zeroes as holes', async () => {
    const content = Buffer.concat([Buffer.alloc(4 << 20), Buffer.from('end')]);
    const found = await extractDisk([await layer([{ name: 'disk/d', content }])], undefined, directory);
    const { size, blocks } = await stat(found.path);
    expect(size).toBe(content.length);
    expect(blocks * 512).toBeLessThan(1 << 20);
    expect((await readFile(found.path)).equals(content)).toBe(true);
  });
});

describe('refuses', () => {
  test.each<{ name: string; entries: Entry[]; path?: string; text: string }>([
    {
      name: 'no disk',
      entries: [{ name: 'etc/passwd', content: 'x' }],
      text: 'no file found in folder /disk, no disk present',
    },
    {
      name: 'two disks',
      entries: [
        { name: 'disk/a', content: 'x' },
        { name: 'disk/b', content: 'y' },
      ],
      text: 'more than one file found in folder /disk, only one disk is allowed',
    },
    {
      name: 'a symbolic link',
      entries: [{ name: 'disk/a', type: 'symlink', linkname: '/etc/shadow' }],
      text: 'is a symlink: only regular files are taken',
    },
    {
      name: 'a hard link',
      entries: [{ name: 'disk/a', type: 'link', linkname: '/etc/shadow' }],
      text: 'is a link: only regular files are taken',
    },
    {
      name: 'a device',
      entries: [{ name: 'disk/a', type: 'block-device', devmajor: 8, devminor: 0 }],
      text: 'is a block-device',
    },
    { name: 'a name outside the root', entries: [{ name: 'disk/../../x', content: 'x' }], text: 'no file found' },
    {
      name: 'a path that is absent',
      entries: [{ name: 'disk/a', content: 'x' }],
      path: '/disk/b',
      text: 'no file /disk/b found',
    },
    { name: 'a path upwards', entries: [{ name: 'disk/a', content: 'x' }], path: '/../x', text: 'invalid disk path' },
  ])('$name', async ({ entries, path, text }) => {
    await expect(extractDisk([await layer(entries)], path, directory)).rejects.toThrow(text);
  });

  test('more than the limit, whatever the header says', async () => {
    const one = await layer([{ name: 'disk/a', content: Buffer.alloc(200_000) }]);
    await expect(extractDisk([one], undefined, directory, { maxDiskBytes: 100_000, maxEntries: 10 })).rejects.toThrow(
      'larger than the limit',
    );
  });
  test('endless entries', async () => {
    const one = await layer(Array.from({ length: 20 }, (_, i) => ({ name: `f${i}`, content: '' })));
    await expect(extractDisk([one], undefined, directory, { maxDiskBytes: 1, maxEntries: 10 })).rejects.toThrow(
      'more than 10 entries',
    );
  });
  test('what is no archive, and what is cut', async () => {
    const path = join(directory, 'junk');
    await writeFile(path, 'not gzip at all');
    await expect(extractDisk([{ path, compression: 'gzip' }], undefined, directory)).rejects.toThrow(
      'not a readable archive',
    );
    const whole = await layer([{ name: 'disk/a', content: Buffer.alloc(300_000, 'x') }], false);
    await writeFile(path, (await readFile(whole.path)).subarray(0, 100_000));
    await expect(extractDisk([{ path, compression: 'none' }], undefined, directory)).rejects.toThrow(
      'not a readable archive',
    );
  });
});

test('nothing in an archive becomes a path here', async () => {
  const one = await layer([
    { name: '../escaped', content: 'x' },
    { name: '/abs/escaped', content: 'x' },
    { name: 'disk/d', content: 'ok' },
  ]);
  await extractDisk([one], undefined, directory);
  expect((await readdir(directory)).filter((n) => !n.endsWith('.tar'))).toEqual(['layer-0']);
});

test.each([
  ['./disk//x', 'disk/x'],
  ['/disk/x', 'disk/x'],
  ['a/../b', undefined],
  ['', undefined],
])('name %j is %j', (name, expected) => {
  expect(entryName(name)).toBe(expected);
});

import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { errorText, ImageError } from './errors.ts';
import type { LayerCompression } from './manifest.ts';
import { writeSparse } from './sparse-file.ts';

export interface LayerFile {
  /** Blob on disk, already verified. */
  readonly path: string;
  readonly compression: LayerCompression;
}

export interface ExtractionLimits {
  /** Size of the disk file in the archive (apparent, with holes). */
  readonly maxDiskBytes: number;
  /** Entries in one archive. */
  readonly maxEntries: number;
}

export const defaultExtractionLimits: ExtractionLimits = { maxDiskBytes: 256 * 2 ** 30, maxEntries: 100_000 };

export interface FoundDisk {
  /** Name inside the image: `disk/disk.img`. */
  readonly name: string;
  readonly path: string;
}

const unusable = (message: string): ImageError => new ImageError('UnusableDisk', message);

/** `./disk//disk.img` → `disk/disk.img`; `undefined` for names that leave the root (`../x`) or cannot be files. */
export function entryName(name: string): string | undefined {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' || part.includes('\0')) return undefined;
    parts.push(part);
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

/** A file directly in `/disk` is the disk, unless `path` names another one. Whiteouts (`.wh.…`) never are. */
const wanted = (name: string, path: string | undefined): boolean =>
  path === undefined
    ? name.startsWith('disk/') && !name.includes('/', 'disk/'.length) && !name.startsWith('disk/.wh.')
    : name === path;

/**
 * Takes the disk file out of an image's layers (later layers win) and writes it into `directory` as a new file whose name we
 * choose: nothing that the archive says ever becomes a path on this machine, links are not followed. Without `path` the image
 * must hold exactly one file in `/disk`. Throws ImageError `UnusableDisk` with KubeVirt's texts.
 */
export async function extractDisk(
  layers: readonly LayerFile[],
  path: string | undefined,
  directory: string,
  limits: ExtractionLimits = defaultExtractionLimits,
): Promise<FoundDisk> {
  const selected = path === undefined ? undefined : entryName(path);
  if (path !== undefined && selected === undefined) throw unusable(`invalid disk path "${path}" in the container disk`);
  let found: FoundDisk | undefined;
  for (const [index, layer] of layers.entries()) {
    const target = join(directory, `layer-${index}`);
    const name = await extractFromLayer(layer, selected, target, limits);
    if (name === undefined) continue;
    if (found) {
      if (found.name !== name) throw unusable('more than one file found in folder /disk, only one disk is allowed');
      await rm(found.path);
    }
    found = { name, path: target };
  }
  if (found) return found;
  throw unusable(
    selected === undefined
      ? 'no file found in folder /disk, no disk present'
      : `no file /${selected} found in the container disk`,
  );
}

async function extractFromLayer(
  layer: LayerFile,
  selected: string | undefined,
  target: string,
  limits: ExtractionLimits,
): Promise<string | undefined> {
  const tar = extract();
  let found: string | undefined;
  const reading = (async () => {
    let entries = 0;
    for await (const entry of tar) {
      if (++entries > limits.maxEntries) throw unusable(`a layer has more than ${limits.maxEntries} entries`);
      const name = judgeEntry(entry.header, selected);
      if (name === undefined) {
        entry.resume();
        continue;
      }
      if (found !== undefined && found !== name)
        throw unusable('more than one file found in folder /disk, only one disk is allowed');
      if (found !== undefined) await rm(target);
      found = name;
      const tooLarge = (): ImageError =>
        unusable(`the disk in the image is larger than the limit of ${limits.maxDiskBytes} bytes`);
      if ((entry.header.size ?? 0) > limits.maxDiskBytes) throw tooLarge();
      await writeSparse(target, entry as AsyncIterable<Uint8Array>, limits.maxDiskBytes, tooLarge);
    }
  })();
  const source = createReadStream(layer.path, { highWaterMark: 1 << 18 });
  const flowing =
    layer.compression === 'gzip' ? pipeline(source, createGunzip({ chunkSize: 1 << 18 }), tar) : pipeline(source, tar);
  const results = await Promise.allSettled([reading, flowing]);
  // The reader's own verdict comes first: when it stops early, the pipeline only reports that it was cut.
  for (const result of results) {
    if (result.status === 'rejected') {
      if (result.reason instanceof ImageError) throw result.reason;
    }
  }
  for (const result of results) {
    if (result.status === 'rejected') {
      const code = (result.reason as NodeJS.ErrnoException).code;
      if (code === 'ENOSPC') throw result.reason;
      throw new ImageError(
        'UnusableDisk',
        `a layer of the image is not a readable archive: ${errorText(result.reason)}`,
        { cause: result.reason },
      );
    }
  }
  return found;
}

/** The normalised name of an entry that is the disk; `undefined`: not of interest. */
function judgeEntry(header: Header, selected: string | undefined): string | undefined {
  const name = entryName(header.name);
  if (name === undefined || !wanted(name, selected)) return undefined;
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return name;
    case 'directory':
      if (selected !== undefined) throw unusable(`/${name} in the container disk is a directory, not a disk file`);
      return undefined;
    default:
      throw unusable(
        `/${name} in the container disk is a ${header.type ?? 'special file'}: only regular files are taken`,
      );
  }
}

import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, ImageError } from './errors.ts';
import type { Descriptor } from './manifest.ts';

export interface BlobSource {
  blob(digest: string, offset: number): Promise<{ resumed: boolean; bytes: AsyncIterable<Uint8Array> }>;
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length);

/**
 * Content-addressed blobs on disk: `blobs/sha256/<hex>`, unfinished ones in `partial/`. What is in `blobs/` has been verified.
 * Whoever asks for a blob that is already under way waits for that one download.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #running = new Map<string, Promise<string>>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  pathOf(digest: string): string {
    return join(this.#directory, 'blobs', 'sha256', hexOf(digest));
  }

  async has(digest: string): Promise<boolean> {
    return stat(this.pathOf(digest)).then(
      (s) => s.isFile(),
      () => false,
    );
  }

  /** Path of the verified blob; downloads it, resuming what an earlier attempt left. Throws ImageError `ErrImagePull`. */
  ensure(blob: Descriptor, source: BlobSource): Promise<string> {
    const running = this.#running.get(blob.digest);
    if (running) return running;
    const download = this.#ensure(blob, source).finally(() => this.#running.delete(blob.digest));
    this.#running.set(blob.digest, download);
    return download;
  }

  /** Stores bytes that are at hand (manifests). Throws when they do not match the digest. */
  async put(digest: string, bytes: Buffer): Promise<void> {
    const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (actual !== digest) throw wrongDigest(digest, actual);
    if (await this.has(digest)) return;
    const partial = await this.#partialPath(digest, `.${process.pid}`);
    const file = await open(partial, 'w', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#publish(partial, digest);
  }

  async #ensure(blob: Descriptor, source: BlobSource): Promise<string> {
    const path = this.pathOf(blob.digest);
    if (await this.has(blob.digest)) return path;
    const partial = await this.#partialPath(blob.digest, '');
    const attempts = 3;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#download(blob, source, partial);
        break;
      } catch (error) {
        // A wrong digest is a lie, not an accident: asking the same registry again would only fetch it again.
        if (error instanceof DigestMismatch || attempt === attempts) throw asImageError(blob, error);
      }
    }
    await this.#publish(partial, blob.digest);
    return path;
  }

  async #download(blob: Descriptor, source: BlobSource, partial: string): Promise<void> {
    const file = await open(partial, 'a+', 0o600);
    try {
      let hash = createHash('sha256');
      let length = (await file.stat()).size;
      if (length > blob.sizeBytes) {
        await file.truncate(0);
        length = 0;
      }
      if (length > 0) await hashFile(partial, hash);
      if (length < blob.sizeBytes || blob.sizeBytes === 0) {
        const { resumed, bytes } = await source.blob(blob.digest, length);
        if (length > 0 && !resumed) {
          await file.truncate(0);
          length = 0;
          hash = createHash('sha256');
        }
        length = await this.#append(file, blob, hash, length, bytes);
      }
      if (length !== blob.sizeBytes) throw new Error(`the transfer ended after ${length} of ${blob.sizeBytes} bytes`);
      const actual = `sha256:${hash.digest('hex')}`;
      if (actual !== blob.digest) {
        await rm(partial, { force: true });
        throw wrongDigest(blob.digest, actual);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #append(
    file: FileHandle,
    blob: Descriptor,
    hash: Hash,
    from: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    let length = from;
    for await (const part of bytes) {
      length += part.length;
      if (length > blob.sizeBytes) {
        await file.truncate(0);
        throw new DigestMismatch(
          `the registry sent more than the ${blob.sizeBytes} bytes that blob ${blob.digest} has: refused, nothing was kept`,
        );
      }
      hash.update(part);
      await file.write(part);
    }
    return length;
  }

  async #partialPath(digest: string, suffix: string): Promise<string> {
    const directory = join(this.#directory, 'partial');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await mkdir(join(this.#directory, 'blobs', 'sha256'), { recursive: true, mode: 0o755 });
    return join(directory, `${hexOf(digest)}${suffix}`);
  }

  async #publish(partial: string, digest: string): Promise<void> {
    await rename(partial, this.pathOf(digest));
  }
}

class DigestMismatch extends ImageError {
  constructor(message: string) {
    super('ErrImagePull', message);
  }
}

const wrongDigest = (expected: string, actual: string): DigestMismatch =>
  new DigestMismatch(
    `the content does not have the digest it was asked by: expected ${expected}, got ${actual}: refused, nothing was kept`,
  );

const asImageError = (blob: Descriptor, error: unknown): ImageError =>
  error instanceof ImageError
    ? error
    : new ImageError('ErrImagePull', `blob ${blob.digest}: ${errorText(error)}`, { cause: error });

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(part as Buffer);
}

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobStore } from './blob-store.ts';
import type { RegistryCredentials } from './credentials.ts';
import { confirmDiskInfo, type DiskFormat, type DiskHeader, headerBytes, readDiskHeader } from './disk-format.ts';
import { ImageError } from './errors.ts';
import { defaultExtractionLimits, type ExtractionLimits, extractDisk } from './layer-disk.ts';
import { type Descriptor, type ImageManifest, layerCompression, readManifest } from './manifest.ts';
import { layoutBlobPath, manifestOfLayout } from './oci-layout.ts';
import {
  defaultPullPolicy,
  formatReference,
  type ImageReference,
  isLocalOnly,
  type PullPolicy,
  parseReference,
} from './reference.ts';
import { RegistryClient, type RegistryOptions } from './registry-client.ts';

/** An image that is on this node. */
export interface PulledImage {
  readonly reference: string;
  /** Digest of the platform's manifest. */
  readonly digest: string;
  readonly layers: readonly Descriptor[];
}

/** The disk inside an image: read-only, shared by every guest that uses it. */
export interface ImageDisk {
  readonly path: string;
  readonly format: DiskFormat;
  readonly virtualSizeBytes: number;
}

export interface PullRequest {
  readonly image: string;
  readonly policy?: PullPolicy;
  readonly credentials?: RegistryCredentials;
}

/** `qemu-img info --output=json` of a file under limits and without privileges; rejects when it fails. */
export type DiskInspector = (path: string) => Promise<string>;

export interface ImageStoreOptions extends RegistryOptions {
  /** `DIR/images`. */
  readonly directory: string;
  readonly inspect: DiskInspector;
  readonly limits?: ExtractionLimits;
}

interface StoredReference {
  readonly reference: string;
  readonly digest: string;
  /** Brought in from a directory: there is no registry to ask. */
  readonly imported: boolean;
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** The node's images: `blobs/` by digest, `refs/` by name, `disks/` extracted from layers. */
export class ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #blobs: BlobStore;
  readonly #disks = new Map<string, Promise<ImageDisk>>();
  readonly #pulls = new Map<string, Promise<PulledImage>>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
    this.#blobs = new BlobStore(options.directory);
  }

  /**
   * Makes an image present, as its pull policy asks. Concurrent pulls of one image by the same credentials are one. Throws
   * ImageError: `InvalidImageName`, `ErrImagePull`, `ErrImageNeverPull`.
   */
  pull(request: PullRequest): Promise<PulledImage> {
    const policy = request.policy ?? defaultPullPolicy(parseReference(request.image));
    const key = sha256(JSON.stringify([request.image, policy, request.credentials ?? null]));
    const running = this.#pulls.get(key);
    if (running) return running;
    const pull = this.#pull(request, policy).finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return pull;
  }

  async #pull(request: PullRequest, policy: PullPolicy): Promise<PulledImage> {
    const image = parseReference(request.image);
    const name = formatReference(image);
    const stored = await this.#stored(image);
    if (stored && (stored.imported || policy !== 'Always')) {
      const present = await this.#present(name, stored.digest);
      if (present) return present;
    }
    if (isLocalOnly(image)) {
      throw new ImageError(
        'ErrImagePull',
        `failed to pull image "${name}": images under localhost/ are not pulled from anywhere; import it on this node first`,
      );
    }
    if (policy === 'Never')
      throw new ImageError(
        'ErrImageNeverPull',
        `Container image "${request.image}" is not present with pull policy of Never`,
      );
    const registry = new RegistryClient(image, request.credentials, this.#options);
    const { digest, manifest } = await this.#resolve(image, registry);
    for (const layer of manifest.layers) {
      layerCompression(layer);
      await this.#blobs.ensure(layer, registry);
    }
    await this.#remember({ reference: name, digest, imported: false });
    return { reference: name, digest, layers: manifest.layers };
  }

  /** Follows tag → (index →) manifest, verifying every digest on the way. */
  async #resolve(
    image: ImageReference,
    registry: RegistryClient,
  ): Promise<{ digest: string; manifest: ImageManifest }> {
    let digest = image.digest;
    let bytes: Buffer;
    if (digest !== undefined && (await this.#blobs.has(digest))) bytes = await readFile(this.#blobs.pathOf(digest));
    else bytes = await registry.manifest(digest ?? image.tag ?? 'latest');
    for (let depth = 0; depth < 3; depth++) {
      digest ??= `sha256:${sha256(bytes)}`;
      await this.#blobs.put(digest, bytes);
      const document = readManifest(bytes);
      if ('image' in document) return { digest, manifest: document.image };
      digest = document.child.digest;
      bytes = (await this.#blobs.has(digest))
        ? await readFile(this.#blobs.pathOf(digest))
        : await registry.manifest(digest);
    }
    throw new ImageError(
      'ErrImagePull',
      `failed to pull image "${formatReference(image)}": image indexes are nested too deeply`,
    );
  }

  async #present(reference: string, digest: string): Promise<PulledImage | undefined> {
    if (!(await this.#blobs.has(digest))) return undefined;
    const document = readManifest(await readFile(this.#blobs.pathOf(digest)));
    if (!('image' in document)) return undefined;
    for (const layer of document.image.layers) if (!(await this.#blobs.has(layer.digest))) return undefined;
    return { reference, digest, layers: document.image.layers };
  }

  /**
   * Takes an image from an OCI layout directory under the given name (`localhost/example/guest:1`); every blob is verified
   * and copied. Throws ImageError or an Error that names the directory.
   */
  async importOciLayout(directory: string, reference: string): Promise<PulledImage> {
    const image = parseReference(reference);
    const name = formatReference(image);
    let digest = await manifestOfLayout(directory, image.tag);
    for (let depth = 0; depth < 3; depth++) {
      const bytes = await readFile(layoutBlobPath(directory, digest));
      await this.#blobs.put(digest, bytes);
      const document = readManifest(bytes);
      if ('child' in document) {
        digest = document.child.digest;
        continue;
      }
      for (const layer of document.image.layers) {
        layerCompression(layer);
        await this.#blobs.ensure(layer, {
          blob: async (wanted, offset) => ({
            resumed: true,
            bytes: createReadStream(layoutBlobPath(directory, wanted), { start: offset }),
          }),
        });
      }
      await this.#remember({ reference: name, digest, imported: true });
      return { reference: name, digest, layers: document.image.layers };
    }
    throw new Error(`${directory}: image indexes are nested too deeply`);
  }

  /**
   * The disk of a pulled image: `path` inside it, or the single file in `/disk`. Extracted once per layers and path. Throws
   * ImageError `UnusableDisk` with KubeVirt's texts.
   */
  disk(image: PulledImage, path?: string): Promise<ImageDisk> {
    const key = sha256(JSON.stringify([image.layers.map((l) => l.digest), path ?? null]));
    const running = this.#disks.get(key);
    if (running) return running;
    const made = this.#disk(image, path, join(this.#options.directory, 'disks', key));
    this.#disks.set(key, made);
    made.catch(() => this.#disks.delete(key));
    return made;
  }

  async #disk(image: PulledImage, path: string | undefined, directory: string): Promise<ImageDisk> {
    const file = join(directory, 'disk.img');
    const known = await readFile(join(directory, 'disk.json'), 'utf8').catch(absent);
    if (known !== undefined) return { ...(JSON.parse(known) as DiskHeader), path: file };

    const parent = join(this.#options.directory, 'disks');
    await mkdir(parent, { recursive: true, mode: 0o755 });
    const work = join(parent, `.making-${randomUUID()}`);
    await mkdir(work, { mode: 0o755 });
    try {
      const layers = image.layers.map((layer) => ({
        path: this.#blobs.pathOf(layer.digest),
        compression: layerCompression(layer),
      }));
      const found = await extractDisk(layers, path, work, this.#options.limits ?? defaultExtractionLimits);
      const header = await this.#judge(found.path);
      await rename(found.path, join(work, 'disk.img'));
      await writeFile(join(work, 'disk.json'), JSON.stringify(header));
      await rm(directory, { recursive: true, force: true });
      await rename(work, directory);
      return { ...header, path: file };
    } catch (error) {
      await rm(work, { recursive: true, force: true });
      throw error;
    }
  }

  async #judge(path: string): Promise<DiskHeader> {
    const file = await open(path, 'r');
    let header: DiskHeader;
    try {
      const size = (await file.stat()).size;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
      header = readDiskHeader(buffer.subarray(0, bytesRead), size);
    } finally {
      await file.close();
    }
    await chmod(path, 0o444);
    confirmDiskInfo(await this.#options.inspect(path), header);
    return header;
  }

  #referencePath(name: string): string {
    return join(this.#options.directory, 'refs', `${sha256(name)}.json`);
  }

  /** By name; a digest names its content whatever the tag beside it says. */
  async #stored(image: ImageReference): Promise<StoredReference | undefined> {
    const text = await readFile(this.#referencePath(formatReference(image)), 'utf8').catch(absent);
    return text === undefined ? undefined : (JSON.parse(text) as StoredReference);
  }

  async #remember(stored: StoredReference): Promise<void> {
    const path = this.#referencePath(stored.reference);
    await mkdir(join(this.#options.directory, 'refs'), { recursive: true, mode: 0o755 });
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, JSON.stringify(stored));
    await rename(temporary, path);
  }
}

const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT') return undefined;
  throw error;
};

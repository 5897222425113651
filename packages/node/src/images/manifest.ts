import { ImageError } from './errors.ts';
import { isDigest } from './reference.ts';

/** Source: OCI image-spec descriptor. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface ImageManifest {
  readonly layers: readonly Descriptor[];
}

export const manifestMediaTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

const maxLayers = 256;

const refuse = (what: string): ImageError => new ImageError('ErrImagePull', `unusable image manifest: ${what}`);

const record = (value: unknown, what: string): Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse(`${what} is not an object`);
  return value as Record<string, unknown>;
};

function descriptor(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size } = record(value, what);
  if (typeof digest !== 'string' || !isDigest(digest)) throw refuse(`${what} has no sha256 digest`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw refuse(`${what} has no valid size`);
  return { mediaType: typeof mediaType === 'string' ? mediaType : '', digest, sizeBytes: size };
}

/** What a manifest document is: one image, or an index from which the image of this platform was chosen. */
export type ManifestDocument = { readonly image: ImageManifest } | { readonly child: Descriptor };

/**
 * Reads a manifest or index (OCI and Docker schema 2). Of an index the entry for `linux/amd64` is taken; an entry without a
 * platform counts only when it is the only one. Throws ImageError `ErrImagePull`.
 */
export function readManifest(bytes: Buffer, architecture = 'amd64'): ManifestDocument {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw refuse('it is not JSON');
  }
  const document = record(parsed, 'the document');
  if (document.schemaVersion !== 2)
    throw refuse(`schema version ${String(document.schemaVersion)} is not supported, only 2`);
  if (Array.isArray(document.manifests)) return { child: chooseByPlatform(document.manifests, architecture) };
  if (!Array.isArray(document.layers)) throw refuse('it has neither layers nor manifests');
  if (document.layers.length > maxLayers)
    throw refuse(`it has ${document.layers.length} layers, at most ${maxLayers} are taken`);
  return { image: { layers: document.layers.map((layer, i) => descriptor(layer, `layers[${i}]`)) } };
}

function chooseByPlatform(entries: readonly unknown[], architecture: string): Descriptor {
  const offered: string[] = [];
  for (const [i, entry] of entries.entries()) {
    const platform = record(entry, `manifests[${i}]`).platform;
    if (platform === undefined) {
      if (entries.length === 1) return descriptor(entry, `manifests[${i}]`);
      continue;
    }
    const { os, architecture: arch } = record(platform, `manifests[${i}].platform`);
    if (os === 'linux' && arch === architecture) return descriptor(entry, `manifests[${i}]`);
    offered.push(`${String(os)}/${String(arch)}`);
  }
  throw new ImageError(
    'ErrImagePull',
    `no matching manifest for linux/${architecture} in the manifest list entries${offered.length ? ` (offered: ${offered.slice(0, 20).join(', ')})` : ''}`,
  );
}

export type LayerCompression = 'gzip' | 'none';

/** Throws ImageError for compressions that this node does not read. */
export function layerCompression(layer: Descriptor): LayerCompression {
  const type = layer.mediaType;
  if (type.endsWith('zstd')) {
    throw new ImageError(
      'UnusableDisk',
      `layer ${layer.digest} is compressed with zstd, which this node does not read: push the image with gzip layers`,
    );
  }
  if (type.endsWith('+gzip') || type.endsWith('.gzip')) return 'gzip';
  if (type.endsWith('.tar')) return 'none';
  throw new ImageError(
    'UnusableDisk',
    `layer ${layer.digest} has media type "${type}", only tar and tar+gzip layers are read`,
  );
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDigest } from './reference.ts';

interface LayoutEntry {
  readonly digest: string;
  readonly name?: string;
}

/**
 * The manifest of an OCI layout directory that belongs to `tag`: the entry of that name (`org.opencontainers.image.ref.name`),
 * else the only one. Throws with a sentence that names the directory.
 */
export async function manifestOfLayout(directory: string, tag: string | undefined): Promise<string> {
  const indexPath = join(directory, 'index.json');
  let parsed: { manifests?: unknown };
  try {
    parsed = JSON.parse(await readFile(indexPath, 'utf8')) as { manifests?: unknown };
  } catch (error) {
    throw new Error(`${directory} is not an OCI image layout: ${indexPath} cannot be read`, { cause: error });
  }
  const entries: LayoutEntry[] = [];
  for (const entry of Array.isArray(parsed.manifests) ? (parsed.manifests as unknown[]) : []) {
    const { digest, annotations } = (entry ?? {}) as { digest?: unknown; annotations?: Record<string, unknown> };
    if (typeof digest !== 'string' || !isDigest(digest)) continue;
    const name = annotations?.['org.opencontainers.image.ref.name'];
    entries.push({ digest, ...(typeof name === 'string' && { name }) });
  }
  const named = tag === undefined ? undefined : entries.find((entry) => entry.name === tag);
  const chosen = named ?? (entries.length === 1 ? entries[0] : undefined);
  if (chosen) return chosen.digest;
  throw new Error(
    entries.length === 0
      ? `${indexPath} lists no image`
      : `${indexPath} lists ${entries.length} images, none named "${tag ?? ''}" (${entries.map((e) => e.name ?? e.digest).join(', ')})`,
  );
}

export const layoutBlobPath = (directory: string, digest: string): string =>
  join(directory, 'blobs', 'sha256', digest.slice('sha256:'.length));

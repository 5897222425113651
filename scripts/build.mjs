// Bundles the command: one ESM entry with lazily loaded chunks; native packages stay outside. Does nothing when no source
// changed since the last build.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import path from 'node:path';

const top = path.dirname(import.meta.dirname);
const dist = path.join(top, 'dist');
const stamp = path.join(dist, 'built-from');

export async function build() {
  const digest = await sourcesDigest();
  if ((await fs.readFile(stamp, 'utf8').catch(() => '')) === digest) return false;
  const esbuild = await import('esbuild');
  await fs.rm(dist, { recursive: true, force: true });
  await esbuild.build({
    absWorkingDir: top,
    entryPoints: { virtplane: 'packages/virtplane/src/main.ts', virtctl: 'packages/virtctl/src/main.ts' },
    outdir: dist,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['lmdb'],
    // Its build for Node is CommonJS, whose names an import() in a bundle does not see; the other one is ESM.
    alias: { yaml: path.join(top, 'node_modules/yaml/browser/index.js') },
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'linked',
    // Packages that still use require() inside an ESM bundle.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  await fs.writeFile(stamp, digest);
  return true;
}

async function sourcesDigest() {
  const hash = createHash('sha256');
  const packages = path.join(top, 'packages');
  const files = ['package-lock.json', 'scripts/build.mjs'].map((f) => path.join(top, f));
  for (const name of (await fs.readdir(packages)).sort()) {
    files.push(path.join(packages, name, 'package.json'));
    const source = path.join(packages, name, 'src');
    const entries = await fs.readdir(source, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      if (entry.isFile() && !entry.name.endsWith('.test.ts')) files.push(path.join(entry.parentPath, entry.name));
    }
  }
  for (const file of files.sort()) hash.update(file.slice(top.length)).update(await fs.readFile(file));
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  const started = Date.now();
  const built = await build();
  console.error(built ? `built dist/ in ${((Date.now() - started) / 1000).toFixed(1)} s` : 'dist/ is up to date');
}

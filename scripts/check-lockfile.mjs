// The lock file must be usable anywhere: no download addresses, no two versions of one production package.
import * as fs from 'node:fs';
import path from 'node:path';

const lock = JSON.parse(fs.readFileSync(path.join(path.dirname(import.meta.dirname), 'package-lock.json'), 'utf8'));
const faults = [];
const versions = new Map();
for (const [where, entry] of Object.entries(lock.packages)) {
  if (entry.resolved && !entry.link)
    faults.push(`${where}: has a download address (run npm install with this project's .npmrc)`);
  if (!where.includes('node_modules/') || entry.dev || entry.link || entry.optional) continue;
  const name = where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length);
  versions.set(name, (versions.get(name) ?? new Set()).add(entry.version));
}
for (const [name, set] of versions)
  if (set.size > 1) faults.push(`${name}: production versions ${[...set].join(', ')}`);
if (versions.size > 60) faults.push(`${versions.size} production packages, at most 60 are allowed`);
for (const fault of faults) console.error(`package-lock.json: ${fault}`);
console.log(`${versions.size} production packages, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);

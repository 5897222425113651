// Measures what SPECIFICATION.md promises. One JSON line a figure on stdout, a table at the end on stderr; status 1 when a
// target is missed by more than a fifth or something could not be measured.
//   node bench/run.mjs [--quick] [--list] [--only A,B,C] [--profile DIR] [part …]
import { parseArgs } from 'node:util';
import { machineCpuMs, ownCpuMs } from './processes.mjs';
import { cleanUpAll, removeDirectory } from './product.mjs';
import { promises } from './promises.mjs';
import { origin } from './references.mjs';
import { isMissed, table } from './report.mjs';
import * as api from './rows/api-server.mjs';
import * as footprint from './rows/footprint.mjs';
import * as guest from './rows/guest-path.mjs';

/**
 * @typedef {object} Context
 * @property {(figure: import('./report.mjs').Figure) => void} add
 * @property {boolean} quick fewer and shorter runs
 * @property {string} [profile] where servers under load leave a CPU profile
 * @property {(path: string) => string} directory remembers a directory that is removed at the end
 * @property {string} [filledDirectory] data of a server that holds 10,000 VMs
 */

/** In this order: later parts use what earlier ones have stored. */
const parts = [
  { row: 'A', name: 'help', run: footprint.help },
  { row: 'A', name: 'dependencies', run: footprint.dependencies },
  { row: 'A', name: 'start-empty', run: api.startEmpty },
  { row: 'B', name: 'operations', run: api.operations },
  { row: 'B', name: 'small-writes', run: api.smallWrites },
  { row: 'B', name: 'watchers', run: api.watchers },
  { row: 'B', name: 'controllers', run: api.withControllers },
  { row: 'A', name: 'start-stored', run: api.startOverStored },
  { row: 'A', name: 'first-up', run: footprint.firstUp },
  { row: 'A', name: 'idle', run: footprint.idle },
  { row: 'C', name: 'guest-path', run: guest.guestPath },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const wanted = [...(values.only?.split(',') ?? []), ...positionals];
const unknown = wanted.filter((w) => !parts.some((part) => w === part.row || w === part.name));
if (unknown.length > 0) {
  process.stderr.write(`bench: there is no row or part ${unknown.join(', ')}; see --list\n`);
  process.exit(2);
}
const chosen = parts.filter((part) => wanted.length === 0 || wanted.includes(part.row) || wanted.includes(part.name));
if (values.list) {
  for (const part of chosen) process.stdout.write(`${part.row}  ${part.name}\n`);
  for (const [name, { row, what, unit, honest }] of Object.entries(promises)) {
    process.stdout.write(`${row}  ${name}: ${what}${honest === undefined ? '' : ` (≤ ${honest} ${unit})`}\n`);
  }
  process.exit(0);
}

const figures = [];
const failures = [];
const directories = [];
/** @type {Context} */
const context = {
  add(figure) {
    figures.push(figure);
    process.stdout.write(`${JSON.stringify(figure)}\n`);
  },
  quick: values.quick,
  profile: values.profile,
  directory(path) {
    directories.push(path);
    return path;
  },
};

const tidyUp = async () => {
  await cleanUpAll();
  for (const directory of directories) removeDirectory(directory);
};
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => tidyUp().finally(() => process.exit(130)));
}

for (const { row, name, run } of chosen) {
  const startedAt = performance.now();
  const busyBefore = machineCpuMs().busy;
  const ownBefore = ownCpuMs();
  try {
    await run(context);
  } catch (error) {
    failures.push(name);
    process.stderr.write(`${row} ${name} could not be measured: ${error instanceof Error ? error.message : error}\n`);
    await cleanUpAll();
  }
  const ms = performance.now() - startedAt;
  // Parts that `up` detaches are not children of this process: they count as other programs here.
  const ownCores = (ownCpuMs() - ownBefore) / ms;
  const otherCores = (machineCpuMs().busy - busyBefore) / ms - ownCores;
  process.stderr.write(
    `${row} ${name}: ${(ms / 1000).toFixed(0)} s; cores busy with it ${ownCores.toFixed(1)}, with other programs ${otherCores.toFixed(1)}\n`,
  );
}
await tidyUp();

const missed = figures.filter(isMissed);
process.stderr.write(`\n${table(figures)}\n\nReference: ${origin}.\n`);
if (missed.length > 0) process.stderr.write(`missed: ${missed.map(({ name }) => name).join(', ')}\n`);
if (failures.length > 0) process.stderr.write(`not measured: ${failures.join(', ')}\n`);
process.exitCode = missed.length + failures.length > 0 ? 1 : 0;

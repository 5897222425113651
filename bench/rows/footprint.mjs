// Row A: what Virtplane takes from a machine before and beside its guests.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { createClient } from '../api/client.mjs';
import { smallGuest, untilPhase, vmPath } from '../guest/manifest.mjs';
import { cpuMs, isAlive, isGuest, processesOf, rssAnonMb } from '../processes.mjs';
import { command, guestImage, makeDataDirectory, removeDirectory, top, up, virtplane } from '../product.mjs';
import { figure } from '../report.mjs';
import { median, pause, sum } from '../statistics.mjs';

/** @typedef {import('../run.mjs').Context} Context */

/** @param {Context} context */
export async function help({ add }) {
  const rounds = 15;
  const milliseconds = (args) => {
    const startedAt = performance.now();
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with status ${status}`);
    return performance.now() - startedAt;
  };
  const bare = [];
  const ours = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(milliseconds(['-e', '0']));
    ours.push(milliseconds([command, '--help']));
  }
  add(figure('help.ratio', median(ours) / median(bare), rounds));
}

/** @param {Context} context */
export async function dependencies({ add }) {
  const lock = JSON.parse(fs.readFileSync(path.join(top, 'package-lock.json'), 'utf8'));
  const direct = new Set();
  const all = new Set();
  let bytes = 0;
  for (const [where, entry] of Object.entries(lock.packages)) {
    if (/^packages\/[^/]+$/.test(where)) {
      for (const name of Object.keys(entry.dependencies ?? {})) if (!name.startsWith('@virtplane/')) direct.add(name);
    }
    if (!where.includes('node_modules/') || entry.dev || entry.link) continue;
    const directory = path.join(top, where);
    // Optional packages for other machines are in the lock file, but not installed.
    if (!fs.existsSync(directory)) continue;
    // The lock file's own check counts the same way: a native build for this machine belongs to the package that asks for it.
    if (!entry.optional) all.add(where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length));
    bytes += sizeOf(directory);
  }
  add(figure('dependencies.direct', direct.size, 1));
  add(figure('dependencies.all', all.size, 1));
  add(figure('dependencies.size', bytes / 1e6, 1));
}

/** Own files of a package; what lies in its node_modules is counted for itself. */
function sizeOf(directory) {
  let bytes = 0;
  for (const entry of fs.readdirSync(directory, { withFileTypes: true })) {
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : sizeOf(file);
    else if (entry.isFile()) bytes += fs.statSync(file).size;
  }
  return bytes;
}

/** @param {Context} context */
export async function firstUp({ add, quick }) {
  const rounds = quick ? 1 : 3;
  const firstMs = [];
  for (let round = 0; round < rounds; round++) {
    const directory = makeDataDirectory();
    const running = await up(directory);
    firstMs.push(running.upMs);
    await running.stop();
    removeDirectory(directory);
  }
  add(figure('start.up-first', median(firstMs), rounds));
}

/** Starts on one directory: after the first, libvirt knows QEMU. Then the memory and CPU of one that has nothing to do. @param {Context} context */
export async function idle({ add, directory, quick }) {
  const rounds = quick ? 3 : 5;
  const data = directory(makeDataDirectory());
  await (await up(data)).stop();
  const upMs = [];
  for (let round = 1; round < rounds; round++) {
    const running = await up(data);
    upMs.push(running.upMs);
    await running.stop();
  }
  const running = await up(data);
  upMs.push(running.upMs);
  add(figure('start.up', median(upMs), rounds));
  try {
    await pause(quick ? 10_000 : 20_000);
    const seconds = quick ? 20 : 60;
    const before = new Map(processesOf(data).map(({ pid }) => [pid, cpuMs(pid)]));
    await pause(seconds * 1000);
    const spent = sum([...before].filter(([pid]) => isAlive(pid)).map(([pid, cpu]) => cpuMs(pid) - cpu));
    add(figure('idle.cpu', (spent / (seconds * 1000)) * 100, 1));
    const { server, node, up: supervisor } = running.pids;
    add(figure('idle.memory', rssAnonMb(server) + rssAnonMb(node), 1));
    add(figure('idle.memory.server', rssAnonMb(server), 1));
    add(figure('idle.memory.node', rssAnonMb(node), 1));
    add(figure('idle.memory.up', rssAnonMb(supervisor), 1));
    await memoryOfGuests(running, add);
  } finally {
    await running.stop();
  }
}

async function memoryOfGuests({ data, credentials }, add) {
  await virtplane(['image', 'add', guestImage.layout, guestImage.reference, '--data', data]);
  const ours = () =>
    sum(
      processesOf(data)
        .filter((p) => !isGuest(p))
        .map(({ pid }) => rssAnonMb(pid)),
    );
  const client = createClient(credentials, { protocol: 'h1', connections: 4 });
  const guests = 5;
  const start = async (name) => {
    await client.json('POST', vmPath(), smallGuest(name));
    await untilPhase(client, name, ['Running']);
  };
  // The first guest pays for code that is loaded when it is needed; the promise is about one guest more.
  await start('first');
  await pause(5000);
  const before = ours();
  for (let i = 0; i < guests; i++) await start(`guest-${i}`);
  await pause(10_000);
  add(figure('memory.per-vm', (ours() - before) / guests, guests));
  client.close();
}

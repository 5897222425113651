// Row B: what one operation costs the API server, alone in its process (and once with the controllers in it).
import { startLoadGenerator } from '../api/load.mjs';
import { cpuMs, rssAnonMb } from '../processes.mjs';
import { makeDataDirectory, removeDirectory, startServer } from '../product.mjs';
import { figure } from '../report.mjs';
import { median, pause, quantile } from '../statistics.mjs';

export const storedVms = 10_000;
const namespace = 'bench';
const rounds = 5;

/** @typedef {import('../run.mjs').Context} Context */

/** Creates 10,000 VMs with 64 clients, in rounds. */
async function fill(server, load) {
  await load.run('namespace', { name: namespace });
  const count = storedVms / rounds;
  return measured(server, load, rounds, (round) => [
    'create',
    { kind: 'vm', namespace, prefix: 'vm-', first: round * count, count, clients: 64 },
  ]);
}

/** The same load some times; CPU of the server for each operation, rate and latencies. */
async function measured(server, load, times, job) {
  const cpuPerOp = [];
  const rates = [];
  const latenciesMs = [];
  const seconds = [];
  for (let round = 0; round < times; round++) {
    const [name, options] = job(round);
    const cpuBefore = cpuMs(server.pid);
    const result = await load.run(name, options);
    cpuPerOp.push((cpuMs(server.pid) - cpuBefore) / (options.count ?? 1));
    if (options.count) rates.push(options.count / result.seconds);
    latenciesMs.push(...(result.latenciesMs ?? []));
    seconds.push(result.seconds);
  }
  return { cpuPerOp: median(cpuPerOp), rate: median(rates), latenciesMs, seconds: median(seconds) };
}

/** A directory that holds 10,000 VMs; made by row B as it measures, otherwise here. @param {Context} context */
export async function filledDirectory(context) {
  if (!context.filledDirectory) {
    const directory = context.directory(makeDataDirectory());
    const server = await startServer(directory);
    const load = startLoadGenerator(server.credentials);
    try {
      await fill(server, load);
    } finally {
      load.stop();
      await server.stop();
    }
    context.filledDirectory = directory;
  }
  return context.filledDirectory;
}

/** @param {Context} context */
export async function operations(context) {
  const { add, quick } = context;
  const directory = context.directory(makeDataDirectory());
  const server = await startServer(directory, { measureEventLoop: true, profile: context.profile });
  const load = startLoadGenerator(server.credentials);
  try {
    await server.longestBlockMs();
    const created = await fill(server, load);
    add(figure('create-vm.64.cpu', created.cpuPerOp, rounds));
    add(figure('create-vm.64.rate', created.rate, rounds));
    const blockOfCreates = await server.longestBlockMs();

    const existing = { kind: 'vm', namespace, prefix: 'vm-', of: storedVms };
    const count = quick ? 2000 : 5000;
    for (const protocol of ['h1', 'h2']) {
      const middle = protocol === 'h1' ? '' : '.h2';
      const got = await measured(server, load, rounds, () => ['get', { ...existing, count, clients: 16, protocol }]);
      add(figure(`get-vm.16${middle}.cpu`, got.cpuPerOp, rounds));
      if (protocol === 'h1') add(figure('get-vm.16.rate', got.rate, rounds));
    }
    const blockOfReads = await server.longestBlockMs();
    for (const protocol of ['h1', 'h2']) {
      const middle = protocol === 'h1' ? '' : '.h2';
      const options = { ...existing, count: count / 2, clients: 16, protocol };
      const patched = await measured(server, load, rounds, () => ['annotate', options]);
      add(figure(`patch-vm.16${middle}.cpu`, patched.cpuPerOp, rounds));
      if (protocol === 'h1') add(figure('patch-vm.16.rate', patched.rate, rounds));
    }
    const blockOfPatches = await server.longestBlockMs();

    let bytes = 0;
    const listCpu = [];
    const listSeconds = [];
    for (let round = 0; round < rounds; round++) {
      const cpuBefore = cpuMs(server.pid);
      const list = await load.run('list', { kind: 'vm', namespace, expected: storedVms });
      listCpu.push((cpuMs(server.pid) - cpuBefore) / 1000);
      listSeconds.push(list.seconds);
      bytes = list.bytes;
    }
    add(figure('list-vm.cpu', median(listCpu), rounds));
    add(figure('list-vm.seconds', median(listSeconds), rounds));
    add(figure('list-vm.size', bytes / 1e6, 1));
    const blockOfLists = await server.longestBlockMs();
    add(figure('memory.10000.loaded', rssAnonMb(server.pid), 1));

    add(figure('block.create', blockOfCreates, 1));
    add(figure('block.read', blockOfReads, 1));
    add(figure('block.patch', blockOfPatches, 1));
    add(figure('block.list', blockOfLists, 1));
  } finally {
    load.stop();
    await server.stop();
  }
  context.filledDirectory = directory;
}

/** @param {Context} context */
export async function smallWrites({ add, directory, quick, profile }) {
  const server = await startServer(directory(makeDataDirectory()), { measureEventLoop: true, profile });
  const load = startLoadGenerator(server.credentials);
  try {
    await load.run('namespace', { name: namespace });
    // Once around before the clock runs: a server of a second ago runs code that is not compiled yet.
    await load.run('create', { kind: 'vm', namespace, prefix: 'warm-', count: 1000, clients: 64 });
    const one = await measured(server, load, rounds, (round) => [
      'create',
      { kind: 'vm', namespace, prefix: `one-${round}-`, count: quick ? 200 : 400, clients: 1 },
    ]);
    add(figure('create-vm.1.p50', median(one.latenciesMs), one.latenciesMs.length));
    add(figure('create-vm.1.p99', quantile(one.latenciesMs, 0.99), one.latenciesMs.length));
    const http2 = await measured(server, load, rounds, (round) => [
      'create',
      { kind: 'vm', namespace, prefix: `two-${round}-`, count: 1000, clients: 64, protocol: 'h2' },
    ]);
    add(figure('create-vm.64.h2.cpu', http2.cpuPerOp, rounds));
    const maps = await measured(server, load, rounds, (round) => [
      'create',
      { kind: 'configmap', namespace, prefix: `map-${round}-`, count: 2000, bytes: 2048, clients: 64 },
    ]);
    add(figure('create-configmap.64.cpu', maps.cpuPerOp, rounds));
    add(figure('create-configmap.64.rate', maps.rate, rounds));
  } finally {
    load.stop();
    await server.stop();
  }
}

/** @param {Context} context */
export async function watchers({ add, directory, quick, profile }) {
  const server = await startServer(directory(makeDataDirectory()), { measureEventLoop: true, profile });
  const load = startLoadGenerator(server.credentials);
  try {
    const seconds = quick ? 5 : 10;
    let lost = 0;
    let block = 0;
    for (const protocol of ['h1', 'h2']) {
      const runs = [];
      for (let round = 0; round < (quick ? 2 : 3); round++) {
        const name = `watched-${protocol}-${round}`;
        await load.run('namespace', { name });
        await server.longestBlockMs();
        const cpuBefore = cpuMs(server.pid);
        const options = { namespace: name, watchers: 100, perSecond: 200, seconds, bytes: 512, protocol };
        const run = await load.run('watch', options);
        runs.push({ ...run, cpu: (cpuMs(server.pid) - cpuBefore) / run.writes });
        lost += run.missing + run.endedEarly;
        block = Math.max(block, await server.longestBlockMs());
      }
      const middle = protocol === 'h1' ? '' : '.h2';
      const samples = runs[0].events * runs.length;
      add(figure(`watch${middle}.delay-p99`, median(runs.map((r) => r.fromSendingMs.p99)), samples, 12));
      if (protocol === 'h1') {
        add(figure('watch.delay-p50', median(runs.map((r) => r.fromSendingMs.p50)), samples));
        add(figure('watch.cpu', median(runs.map((r) => r.cpu)), runs.length));
      }
    }
    add(figure('watch.lost', lost, 1));
    add(figure('block.watch', block, 1));
  } finally {
    load.stop();
    await server.stop();
  }
}

/** @param {Context} context */
export async function withControllers({ add, directory, quick }) {
  const server = await startServer(directory(makeDataDirectory()), { controllers: true });
  const load = startLoadGenerator(server.credentials);
  try {
    await load.run('namespace', { name: namespace });
    const count = quick ? 400 : 1000;
    const created = await measured(server, load, rounds, (round) => [
      'create',
      { kind: 'vm', namespace, prefix: `vm-${round}-`, count, clients: 64 },
    ]);
    add(figure('create-vm.64.controllers.cpu', created.cpuPerOp, rounds));
  } finally {
    load.stop();
    await server.stop();
  }
}

/** @param {Context} context */
export async function startOverStored(context) {
  const directory = await filledDirectory(context);
  const readyMs = [];
  const memoryMb = [];
  for (let round = 0; round < rounds; round++) {
    const server = await startServer(directory);
    readyMs.push(server.readyMs);
    // What the start needed once may go back to the system first.
    await pause(2000);
    memoryMb.push(rssAnonMb(server.pid));
    await server.stop();
  }
  context.add(figure('start.full', median(readyMs), rounds));
  context.add(figure('memory.10000', median(memoryMb), rounds));
}

/** @param {Context} context */
export async function startEmpty({ add }) {
  const readyMs = [];
  for (let round = 0; round < rounds; round++) {
    const directory = makeDataDirectory();
    const server = await startServer(directory, { controllers: true });
    readyMs.push(server.readyMs);
    await server.stop();
    removeDirectory(directory);
  }
  add(figure('start.empty', median(readyMs), rounds));
}

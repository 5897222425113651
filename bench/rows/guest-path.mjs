// Row C: what Virtplane adds to the way of a guest from the manifest to its first line, and back.
import * as fs from 'node:fs';
import path from 'node:path';
import { createClient } from '../api/client.mjs';
import { echoThroughApi, echoThroughSocket } from '../guest/echo.mjs';
import { firstLine, lastLine, openLibvirt, untilLine } from '../guest/libvirt.mjs';
import { smallGuest, untilPhase, vmiPath, vmPath } from '../guest/manifest.mjs';
import { guestImage, makeDataDirectory, up, virtplane } from '../product.mjs';
import { figure } from '../report.mjs';
import { median, quantile, until } from '../statistics.mjs';

/** @param {import('../run.mjs').Context} context */
export async function guestPath({ add, directory, quick }) {
  const data = directory(makeDataDirectory());
  const running = await up(data);
  const client = createClient(running.credentials, { protocol: 'h1', connections: 32 });
  const libvirt = openLibvirt(data);
  const lifecycle = libvirt.watchEvents();
  try {
    await virtplane(['image', 'add', guestImage.layout, guestImage.reference, '--data', data]);
    const bench = { client, libvirt, lifecycle, credentials: running.credentials };
    const { reference, referenceMs } = await oneAfterTheOther(bench, add, quick ? 5 : 20);
    await echo(bench, add, reference);
    await atOnce(bench, add, referenceMs);
  } finally {
    lifecycle.stop();
    client.close();
    await running.stop();
  }
}

/** Virtplane's guest and the reference in turns, so that both see the same machine. */
async function oneAfterTheOther({ client, libvirt, lifecycle }, add, times) {
  const askedMs = [];
  const firstLineMs = [];
  const referenceMs = [];
  const finalMs = [];
  const runningMs = [];
  const referenceRunningMs = [];
  let reference;
  for (let i = 0; i < times; i++) {
    const guest = await startGuest({ client, libvirt, lifecycle }, `guest-${i}`);
    // The very first start loads code and images for all that follow; it makes the reference, but is not counted.
    if (reference) {
      askedMs.push(guest.askedMs);
      firstLineMs.push(guest.firstLineMs);
      runningMs.push(guest.runningMs);
    }
    await untilLine(guest.log, lastLine);
    reference ??= await libvirt.reference(guest.domain, guest.uid);
    finalMs.push(await powerOff({ client, libvirt, lifecycle }, guest));
    await removeVm(client, guest.name);
    const alone = await reference.create();
    referenceMs.push(alone.firstLineMs);
    referenceRunningMs.push((await eventAtMs(lifecycle, alone.name, 'Resumed')) - alone.startedAt);
    await alone.destroy();
  }
  add(figure('vm.asked', median(askedMs), askedMs.length));
  add(figure('vm.reference', median(referenceMs), referenceMs.length));
  const runsAlone = median(referenceRunningMs);
  add(figure('vm.cpus-run.p50', median(runningMs) - runsAlone, runningMs.length, runsAlone));
  add(figure('vm.cpus-run.p99', quantile(runningMs, 0.99) - runsAlone, runningMs.length, runsAlone));
  for (const [name, fraction] of /** @type {const} */ ([
    ['p50', 0.5],
    ['p99', 0.99],
  ])) {
    const alone = quantile(referenceMs, fraction);
    add(figure(`vm.first-line.${name}`, quantile(firstLineMs, fraction) - alone, firstLineMs.length));
  }
  add(figure('vm.power-off', median(finalMs), finalMs.length));
  return { reference, referenceMs: median(referenceMs) };
}

/** Creates a VM; times from the sending of the request. Resolves when the guest has printed its first line. */
async function startGuest({ client, libvirt, lifecycle }, name) {
  const known = new Set(fs.readdirSync(libvirt.guests));
  const asked = untilLibvirtStarts(libvirt.states);
  const startedAt = performance.now();
  const startedAtMs = Date.now();
  await client.json('POST', vmPath(), smallGuest(name));
  const uid = await until(
    `the directory of ${name}`,
    () => fs.readdirSync(libvirt.guests).find((entry) => !known.has(entry)),
    { everyMs: 4 },
  );
  const log = path.join(libvirt.guests, uid, 'serial.log');
  const printedAt = await untilLine(log, firstLine);
  return {
    name,
    uid,
    log,
    domain: `default_${name}`,
    runningMs: (await eventAtMs(lifecycle, `default_${name}`, 'Resumed')) - startedAtMs,
    askedMs: (await asked) - startedAt,
    firstLineMs: printedAt - startedAt,
  };
}

/** libvirt's own time of an event of a domain, epoch milliseconds. */
async function eventAtMs(lifecycle, domain, what) {
  const found = () => lifecycle.events.find((event) => event.domain === domain && event.what.startsWith(what));
  return (await until(`libvirt's event ${what} of ${domain}`, found)).atMs;
}

/** Time at which libvirt made its directory for a new QEMU. */
function untilLibvirtStarts(states) {
  return new Promise((resolve) => {
    const watcher = fs.watch(states, (_event, file) => {
      if (!file?.startsWith('domain-')) return;
      resolve(performance.now());
      watcher.close();
    });
  });
}

/** The guest powers off by itself (ACPI button, then its own poweroff); time from QEMU's end until the API says so. */
async function powerOff({ client, libvirt, lifecycle }, { name, domain }) {
  const { metadata } = await client.json('GET', vmiPath(name));
  const query = `watch=1&fieldSelector=metadata.name%3D${name}&resourceVersion=${metadata.resourceVersion}`;
  let seen = '';
  let finalAt;
  const stop = client.stream(
    `${vmiPath()}?${query}`,
    (chunk) => {
      seen += chunk.toString('utf8');
      if (/"phase":"(Succeeded|Failed)"/.test(seen)) finalAt ??= Date.now();
    },
    () => undefined,
  );
  await libvirt.virsh('shutdown', domain);
  await until(`${name} to be final`, () => finalAt, { withinMs: 60_000, everyMs: 2 });
  stop();
  return finalAt - (await eventAtMs(lifecycle, domain, 'Stopped'));
}

async function removeVm(client, name) {
  await client.json('DELETE', vmPath(name));
  await until(`${name} to be gone`, async () => (await client.request('GET', vmiPath(name))).status === 404, {
    everyMs: 50,
  });
}

async function echo({ client, libvirt, lifecycle, credentials }, add, reference) {
  const keys = 240;
  const guest = await startGuest({ client, libvirt, lifecycle }, 'typed-at');
  await untilLine(guest.log, lastLine);
  const console = `/apis/subresources.kubevirt.io/v1/namespaces/default/virtualmachineinstances/${guest.name}/console`;
  const through = await echoThroughApi(credentials, console, keys);
  await removeVm(client, guest.name);

  const alone = await reference.create();
  await untilLine(alone.log, lastLine);
  const socket = await echoThroughSocket(alone.console, keys);
  await alone.destroy();
  add(figure('vm.echo.p99', quantile(through, 0.99) - quantile(socket, 0.99), keys));
  add(figure('vm.echo.socket-p99', quantile(socket, 0.99), keys));
}

async function atOnce({ client, libvirt }, add, referenceMs) {
  const names = Array.from({ length: 20 }, (_, i) => `many-${i}`);
  const known = new Set(fs.readdirSync(libvirt.guests));
  const startedAt = performance.now();
  await Promise.all(names.map((name) => client.json('POST', vmPath(), smallGuest(name))));
  const printed = () =>
    fs
      .readdirSync(libvirt.guests)
      .filter((uid) => !known.has(uid))
      .map((uid) => path.join(libvirt.guests, uid, 'serial.log'))
      .filter((log) => fs.existsSync(log) && fs.readFileSync(log, 'latin1').includes(firstLine)).length;
  await until('the first line of 20 guests', () => printed() === names.length, { withinMs: 300_000, everyMs: 50 });
  const totalMs = performance.now() - startedAt;
  let failed = 0;
  for (const name of names) {
    await untilPhase(client, name, ['Running'], 30_000).catch((error) => {
      failed++;
      process.stderr.write(`${error.message}\n`);
    });
  }
  add(figure('vm.twenty', totalMs / (names.length * referenceMs), names.length, undefined));
  add(figure('vm.twenty.failed', failed, names.length));
  for (const name of names) await client.json('DELETE', vmPath(name));
}

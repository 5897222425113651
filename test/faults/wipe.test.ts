import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { eventually, hostTraces, run, startVirtplane, top } from '../harness/virtplane.ts';
import { apply, hasEnded, instanceManifest, instances, processesOf, qemuPids, vmManifest } from './machine.ts';

const command = path.join(top, 'bin/virtplane');
type Traces = Record<string, readonly string[]>;

/**
 * What is in the second and not in the first, as often as it is more, of the one Virtplane whose names bear `key`: others may
 * come and go on the machine meanwhile.
 */
function added(before: Traces, after: Traces, key: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [kind, list] of Object.entries(after)) {
    const rest = [...(before[kind] ?? [])];
    const more = list.filter((entry) => {
      const at = rest.indexOf(entry);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
    const ours = more.filter((entry) => entry.includes(key));
    if (ours.length > 0) found[kind] = ours;
  }
  return found;
}

async function expectNothingLeft(before: Traces, directory: string, key = directory): Promise<void> {
  await eventually(async () => {
    const now = await hostTraces();
    expect(added(before, now, key)).toEqual({});
    expect(added(before, now, directory)).toEqual({});
    expect([...(await processesOf(directory)).values()].map((args) => args.join(' '))).toEqual([]);
  }, 20_000);
  await expect(fs.stat(directory)).rejects.toThrow('ENOENT');
}

async function startWithGuests() {
  const virtplane = await startVirtplane({ withGuestImage: true, prefix: 'vpx-' });
  await apply(virtplane, vmManifest('one'), instanceManifest('two'));
  const uids = await eventually(async () => {
    const found = Object.values(await instances(virtplane));
    expect(found.map((i) => i.phase)).toEqual(['Running', 'Running']);
    return found.map((i) => i.uid);
  }, 60_000);
  // Names on the machine begin with six or more letters of the data directory's own key.
  const [range = ''] = await fs.readdir(path.join(virtplane.dataDirectory, 'node/network/ipam'));
  return { virtplane, uids, key: range.replace('virtplane-', '').slice(0, 6) };
}

test('down --wipe leaves nothing: no process, namespace, link, table, mount, cgroup, file', async () => {
  const before = await hostTraces();
  const { virtplane, key } = await startWithGuests();
  // The comparison can see what there is to remove.
  expect(Object.keys(added(before, await hostTraces(), key)).sort()).toEqual(
    expect.arrayContaining(['links', 'namespaces', 'tables']),
  );
  const wiped = await virtplane.virtplane([
    ...['down', '--data', virtplane.dataDirectory],
    ...['--wipe', '--grace-period', '5'],
  ]);
  expect(wiped).toMatchObject({ code: 0 });
  await expectNothingLeft(before, virtplane.dataDirectory, key);
  const again = await virtplane.virtplane(['down', '--data', virtplane.dataDirectory, '--wipe']);
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain('nothing to stop');
});

test('down --wipe leaves nothing after everything, guests too, was killed with SIGKILL', async () => {
  const before = await hostTraces();
  const { virtplane, uids, key } = await startWithGuests();
  const victims = [...(await processesOf(virtplane.dataDirectory)).keys(), ...Object.values(await qemuPids(uids))];
  for (const pid of new Set(victims)) process.kill(pid, 'SIGKILL');
  await eventually(async () => {
    for (const pid of victims) expect(await hasEnded(pid)).toBe(true);
  });
  await virtplane.stop();
  await expectNothingLeft(before, virtplane.dataDirectory, key);
});

test('down --wipe ends guests whose control plane and libvirtd were killed, and a plain down before it does no harm', async () => {
  const before = await hostTraces();
  const { virtplane, uids, key } = await startWithGuests();
  const qemu = Object.values(await qemuPids(uids));
  const others = [...(await processesOf(virtplane.dataDirectory)).keys()].filter((pid) => !qemu.includes(pid));
  for (const pid of others) process.kill(pid, 'SIGKILL');
  for (let i = 0; i < 2; i++) {
    const down = await virtplane.virtplane(['down', '--data', virtplane.dataDirectory, '--grace-period', '2']);
    expect(down).toMatchObject({ code: 0 });
    for (const pid of qemu) expect(await hasEnded(pid)).toBe(true);
  }
  await virtplane.stop();
  await expectNothingLeft(before, virtplane.dataDirectory, key);
});

test('down and down --wipe of a directory that never started anything', async () => {
  const before = await hostTraces();
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'vpx-'));
  for (const more of [[], [], ['--wipe'], ['--wipe']]) {
    expect(await run(command, ['down', '--data', directory, ...more])).toMatchObject({ code: 0 });
  }
  await expectNothingLeft(before, directory);
});

test('down --wipe does not remove a directory that is not ours', async () => {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'vpx-'));
  try {
    await fs.writeFile(path.join(directory, 'thesis.txt'), 'years of work');
    const wiped = await run(command, ['down', '--data', directory, '--wipe']);
    expect(wiped.code).toBe(1);
    expect(wiped.stderr).toContain('thesis.txt');
    expect(await fs.readdir(directory)).toEqual(['thesis.txt']);
  } finally {
    await fs.rm(directory, { recursive: true, force: true });
  }
});

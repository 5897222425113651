import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, start, startVirtplane, type TestVirtplane, top } from '../harness/virtplane.ts';
import { apply, hasEnded, instanceManifest, instances, libvirtdPid, qemuPids, virsh, vmManifest } from './machine.ts';

const names = ['one', 'three', 'two'];
const rightAgainWithinMs = 5_000;
let virtplane: TestVirtplane;
let uids: Record<string, string>;
let qemu: Record<string, number>;

beforeAll(async () => {
  virtplane = await startVirtplane({ withGuestImage: true, prefix: 'vpk-' });
  await apply(virtplane, vmManifest('one'), vmManifest('two'), instanceManifest('three'));
  await eventually(async () => {
    const found = await instances(virtplane);
    expect(Object.keys(found).sort()).toEqual(names);
    expect(Object.values(found).map((i) => i.phase)).toEqual(['Running', 'Running', 'Running']);
    uids = Object.fromEntries(Object.entries(found).map(([name, { uid }]) => [name, uid]));
  }, 60_000);
  qemu = await qemuPids(Object.values(uids));
  expect(Object.keys(qemu)).toHaveLength(3);
});

afterAll(() => virtplane?.stop());

/** The same guests in the same processes, known as running, and parts that answer. */
async function allIsWell(): Promise<void> {
  expect(await qemuPids(Object.values(uids))).toEqual(qemu);
  const found = await instances(virtplane);
  expect(found).toEqual(Object.fromEntries(names.map((name) => [name, { uid: uids[name], phase: 'Running' }])));
  const status = await virtplane.virtplane(['status', '--data', virtplane.dataDirectory]);
  expect(status, status.stdout).toMatchObject({ code: 0 });
  const pids = await virtplane.pids();
  for (const pid of [pids.server, pids.node, pids.up, await libvirtdPid(virtplane)]) {
    expect(pid).toBeGreaterThan(0);
    expect(await hasEnded(pid)).toBe(false);
  }
}

async function kill(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    // Zero would be our own process group.
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
  }
  await eventually(async () => {
    for (const pid of pids) expect(await hasEnded(pid)).toBe(true);
  });
}

/** A pause and its end pass through server, agent and libvirtd: all of them must be at work. */
async function guestsObey(): Promise<void> {
  for (const [verb, state] of [
    ['pause', 'paused'],
    ['unpause', 'running'],
  ] as const) {
    const result = await virtplane.virtctl([verb, 'vmi', 'one']);
    expect(result, `${verb}: ${result.stderr}`).toMatchObject({ code: 0 });
    expect((await virsh(virtplane, 'domstate', 'default_one')).stdout.trim()).toBe(state);
  }
}

test.each(['server', 'node agent', 'libvirtd', 'server and node agent', 'node agent and libvirtd', 'all three'])(
  'kill -9 of %s: the same guests go on in the same processes, and all is well within 5 s',
  async (what) => {
    const before = await virtplane.pids();
    const victims = [
      ...(/server|all/.test(what) ? [before.server] : []),
      ...(/agent|all/.test(what) ? [before.node] : []),
      ...(/libvirtd|all/.test(what) ? [await libvirtdPid(virtplane)] : []),
    ];
    await kill(...victims);
    const killedAt = Date.now();
    await eventually(async () => {
      const now = await virtplane.pids();
      if (victims.includes(before.server)) expect(now.server).not.toBe(before.server);
      if (victims.includes(before.node)) expect(now.node).not.toBe(before.node);
      await allIsWell();
    }, 15_000);
    expect(Date.now() - killedAt, 'milliseconds until all was well').toBeLessThan(rightAgainWithinMs);
    await guestsObey();
    await allIsWell();
  },
);

test('up after kill -9 of the supervisor finds everything', async () => {
  const before = await virtplane.pids();
  await kill(before.up);
  // Its parts run on without it.
  expect(await instances(virtplane)).toHaveProperty('one.phase', 'Running');
  const again = await virtplane.virtplane(['up', '--detach', '--data', virtplane.dataDirectory, '--port', '0']);
  expect(again).toMatchObject({ code: 0 });
  await eventually(allIsWell, rightAgainWithinMs);
  await guestsObey();
});

test('Ctrl-C ends the control plane and leaves the guests; the next up finds them', async () => {
  const { up } = await virtplane.pids();
  process.kill(up, 'SIGTERM');
  await eventually(async () => expect(await virtplane.pids()).toEqual({ server: 0, node: 0, up: 0 }));

  const args = ['up', '--data', virtplane.dataDirectory, '--port', '0'];
  const foreground = start(path.join(top, 'bin/virtplane'), args);
  let said = '';
  foreground.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = once(foreground, 'exit');
  await eventually(async () => {
    expect((await virtplane.pids()).node).toBeGreaterThan(0);
    await allIsWell();
  });
  foreground.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
  expect(said).toContain('guests run on');
  expect(await virtplane.pids()).toEqual({ server: 0, node: 0, up: 0 });
  expect(await qemuPids(Object.values(uids))).toEqual(qemu);

  const next = await virtplane.virtplane(['up', '--detach', '--data', virtplane.dataDirectory, '--port', '0']);
  expect(next).toMatchObject({ code: 0 });
  await eventually(allIsWell, rightAgainWithinMs);
});

test('a guest that is powered off while the agent is dead becomes Succeeded', async () => {
  const { up, node } = await virtplane.pids();
  // Without a supervisor nobody starts the agent again.
  await kill(up, node);
  const pid = qemu[uids.three as string] as number;
  await eventually(async () => {
    await virsh(virtplane, 'shutdown', 'default_three');
    await eventually(async () => expect(await hasEnded(pid)).toBe(true), 3_000);
  });
  expect(await instances(virtplane)).toHaveProperty('three.phase', 'Running');
  const again = await virtplane.virtplane(['up', '--detach', '--data', virtplane.dataDirectory, '--port', '0']);
  expect(again).toMatchObject({ code: 0 });
  await eventually(async () => {
    const found = await instances(virtplane);
    expect(found.three).toEqual({ uid: uids.three, phase: 'Succeeded' });
    expect(found.one).toEqual({ uid: uids.one, phase: 'Running' });
  }, rightAgainWithinMs);
});

test('down and up: machines that shall always run start anew, once each', async () => {
  const stopped = await virtplane.virtplane(['down', '--data', virtplane.dataDirectory, '--grace-period', '10']);
  expect(stopped).toMatchObject({ code: 0 });
  expect(await qemuPids(Object.values(uids))).toEqual({});
  const again = await virtplane.virtplane(['up', '--detach', '--data', virtplane.dataDirectory, '--port', '0']);
  expect(again).toMatchObject({ code: 0 });
  const anew = await eventually(async () => {
    const found = await instances(virtplane);
    for (const name of ['one', 'two']) {
      expect(found[name]?.phase).toBe('Running');
      expect(found[name]?.uid).not.toBe(uids[name]);
    }
    expect(Object.keys(found).sort()).toEqual(names);
    return found;
  }, 60_000);
  const running = [anew.one?.uid ?? '', anew.two?.uid ?? ''];
  const pids = await qemuPids([...running, ...Object.values(uids)]);
  expect(Object.keys(pids).sort()).toEqual(running.sort());
  expect((await virsh(virtplane, 'list', '--name', '--all')).stdout.trim().split('\n').sort()).toEqual([
    'default_one',
    'default_two',
  ]);
});

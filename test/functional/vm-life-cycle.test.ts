import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  asList,
  gone,
  guestReady,
  guestTraces,
  instance,
  LiveCommand,
  machine,
  onConsole,
  read,
  until,
} from '../harness/guests.ts';
import { eventually, startVirtplane, type TestVirtplane } from '../harness/virtplane.ts';

describe('life of a virtual machine', () => {
  let vp: TestVirtplane;

  beforeAll(async () => {
    vp = await startVirtplane({ withGuestImage: true });
    await vp.ok(['create', 'namespace', 'other']);
    await vp.ok(['create', 'namespace', 'doomed']);
    await vp.ok(['create', '-f', '-'], {
      input: asList(
        machine('vm1', { running: false }),
        machine('blank', { runStrategy: 'Always', disk: false, graceSeconds: 6 }),
        machine('hung', { runStrategy: 'Always', disk: false }),
        machine('same', { runStrategy: 'Always' }),
        machine('same', { namespace: 'other', runStrategy: 'Always' }),
      ),
    });
  });
  afterAll(async () => {
    await vp?.stop();
  });

  it('is created stopped and started by virtctl', async () => {
    const columns = async (): Promise<string> =>
      (await vp.ok(['get', 'vm', 'vm1', '--no-headers'])).trim().split(/\s+/).slice(2).join(' ');
    await eventually(async () => expect(await columns()).toBe('Stopped False'));
    const started = await vp.virtctl(['start', 'vm1']);
    expect(started).toMatchObject({ code: 0, stdout: 'VM vm1 was scheduled to start\n', stderr: '' });
    await eventually(async () => expect(await columns()).toBe('Running True'), 30_000);
    expect(await read(vp, 'vmi/vm1', '{.status.phase} {.metadata.ownerReferences[0].kind}')).toBe(
      'Running VirtualMachine',
    );
    expect(await read(vp, 'vm/vm1', '{.spec.running}')).toBe('true');

    const again = await vp.virtctl(['start', 'vm1']);
    expect(again).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        'Error starting VirtualMachine Operation cannot be fulfilled on virtualmachine.kubevirt.io "vm1": VM is already running\n',
    });
    const nope = await vp.virtctl(['start', 'nope']);
    expect(nope).toMatchObject({
      code: 1,
      stderr: 'Error starting VirtualMachine virtualmachine.kubevirt.io "nope" not found\n',
    });
  });

  it('stands still while it is paused', async () => {
    await guestReady(vp, 'vm1');
    const guest = new LiveCommand(vp, ['console', 'vm1']);
    try {
      await guest.expect('Successfully connected');
      expect(await guest.ask('echo alive')).toBe('alive');
      const paused = await vp.virtctl(['pause', 'vm', 'vm1']);
      expect(paused).toMatchObject({ code: 0, stdout: 'VMI vm1 was scheduled to pause\n' });
      await until(vp, 'vm/vm1', '{.status.printableStatus}', 'Paused');
      expect(await read(vp, 'vmi/vm1', '{.status.conditions[?(@.type=="Paused")].reason}')).toBe('PausedByUser');
      await until(vp, 'vm/vm1', '{.status.conditions[?(@.type=="Ready")].status}', 'False');
      const gate = '{.items[0].status.conditions[?(@.type=="kubevirt.io/virtual-machine-unpaused")].status}';
      expect(await read(vp, 'pod', gate.replace('{.items[0]', '{.items[?(@.metadata.labels.guest=="vm1")]'))).toBe(
        'False',
      );
      expect((await vp.virtctl(['pause', 'vm', 'vm1'])).stderr).toContain('VMI is already paused');
      expect((await vp.virtctl(['migrate', 'vm1'])).stderr).toContain('VM is paused');
      expect((await vp.virtctl(['soft-reboot', 'vm1'])).stderr).toContain('VMI is paused');

      const before = guest.output.length;
      guest.type('echo typed-while-pau""sed\n');
      expect((await vp.virtctl(['unpause', 'vm', 'vm1', '--dry-run'])).code).toBe(0);
      expect(guest.output.length).toBe(before);
      expect((await vp.virtctl(['unpause', 'vm', 'vm1'])).stdout).toBe('VMI vm1 was scheduled to unpause\n');
      await until(vp, 'vm/vm1', '{.status.printableStatus}', 'Running');
      await guest.expect('typed-while-paused');
    } finally {
      await guest.stop();
    }
  });

  it('is rebooted in its place by soft-reboot', async () => {
    const where = '{.metadata.uid} {.status.activePods}';
    const before = await read(vp, 'vmi/vm1', where);
    await onConsole(vp, 'vm1', async (guest) => {
      expect(await vp.virtctl(['soft-reboot', 'vm1'])).toMatchObject({
        stdout: 'VMI vm1 was scheduled to soft-reboot\n',
        stderr: '',
      });
      await guest.expect('guest: init');
      await guest.expect('guest: ready');
    });
    expect(await read(vp, 'vmi/vm1', where)).toBe(before);
    expect(await read(vp, 'pod', '{.items[*].status.containerStatuses[*].restartCount}')).toMatch(/^0( 0)*$/);
    expect(await vp.ok(['get', 'events', '-o', 'jsonpath={.items[*].reason}'])).toContain('SoftRebooted');
  });

  it('gets a new instance and a new pod by restart', async () => {
    const uid = await read(vp, 'vmi/vm1', '{.metadata.uid}');
    const pods = await read(vp, 'vmi/vm1', '{.status.activePods}');
    expect((await vp.virtctl(['restart', 'vm1'])).stdout).toBe('VM vm1 was scheduled to restart\n');
    expect((await vp.virtctl(['restart', 'vm1'])).stderr).toContain('stop/start already underway');
    await eventually(async () => {
      const [now = '', phase, newPods] = (
        await read(vp, 'vmi/vm1', '{.metadata.uid} {.status.phase} {.status.activePods}')
      ).split(' ');
      expect(now).not.toBe(uid);
      expect(phase).toBe('Running');
      expect(newPods).not.toBe(pods);
    }, 30_000);
  });

  it('stops: obeying, overdue, and by force', async () => {
    await guestReady(vp, 'vm1');
    const refused = await vp.virtctl(['stop', 'vm1', '--grace-period', '0']);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toContain('Can not set gracePeriod without --force=true');
    const forced = Date.now();
    expect((await vp.virtctl(['stop', 'hung', '--force', '--grace-period=0'])).stdout).toBe(
      'VM hung was scheduled to stop\n',
    );
    await gone(vp, 'vmi/hung', 5_000);
    expect(Date.now() - forced).toBeLessThan(5_000);

    const asked = Date.now();
    await Promise.all([
      (async () => {
        expect((await vp.virtctl(['stop', 'vm1'])).stdout).toBe('VM vm1 was scheduled to stop\n');
        await gone(vp, 'vmi/vm1', 10_000);
        expect(await vp.ok(['get', 'events', '-o', 'jsonpath={.items[*].reason}'])).toContain('ShuttingDown');
        await until(vp, 'vm/vm1', '{.status.printableStatus}', 'Stopped');
      })(),
      (async () => {
        expect((await vp.virtctl(['stop', 'blank'])).code).toBe(0);
        await gone(vp, 'vmi/blank', 15_000);
        expect(Date.now() - asked).toBeGreaterThan(6_000);
      })(),
    ]);
    expect((await vp.virtctl(['restart', 'vm1'])).stderr).toContain(
      'RunStategy Halted does not support manual restart requests',
    );
    expect((await vp.virtctl(['stop', 'vm1'])).stderr).toContain('VM is not running');
  });

  it('runs twice under one name in two namespaces, with one firmware UUID that stays', async () => {
    const uuidIn = (namespace: string): Promise<string> =>
      onConsole(
        vp,
        'same',
        async (guest) => {
          await guest.expect('guest: ready', 90_000);
          return guest.ask('cat /sys/class/dmi/id/product_uuid');
        },
        namespace,
      );
    const first = await uuidIn('default');
    expect(first).toMatch(/^[0-9a-f-]{36}$/i);
    expect(await uuidIn('other')).toBe(first);
    expect(await read(vp, 'vmi/same', '{.spec.domain.firmware.uuid}')).toBe(first);
    expect(await read(vp, 'vmi/same', '{.metadata.uid}')).not.toBe(first);
  });

  it('is deleted together with its guest and everything on the node', async () => {
    await vp.ok(['delete', 'vm', 'same', '-n', 'other']);
    await vp.ok(['delete', 'vm', 'same', 'hung', 'blank', 'vm1']);
    await eventually(async () => expect((await vp.ok(['get', 'pods', '-A', '-o', 'name'])).trim()).toBe(''));
    const nothing = { guests: [], pods: [], addresses: [], namespaces: [], links: [], processes: [] };
    await eventually(async () => expect(await guestTraces(vp)).toEqual(nothing), 5_000);
    await vp.ok(['create', '-f', '-'], { input: asList(machine('brief', { runStrategy: 'Always' })) });
    await until(vp, 'vm/brief', '{.status.printableStatus}', 'Running');
    await guestReady(vp, 'brief');
    for (const [what, found] of Object.entries(await guestTraces(vp))) expect(found, what).not.toEqual([]);
    const deletion = vp.kubectl(['delete', 'vm', 'brief']);
    await until(vp, 'vm/brief', '{.status.printableStatus}', 'Terminating', { withinMs: 5_000 });
    expect((await deletion).code).toBe(0);
    expect(await vp.ok(['get', 'vmi', '-o', 'name'])).toBe('');
    await gone(vp, 'pods', 5_000);
    await eventually(async () => expect(await guestTraces(vp)).toEqual(nothing), 5_000);
  });

  it('leaves the guest running when it is orphaned', async () => {
    await vp.ok(['create', '-f', '-'], { input: asList(machine('parent', { runStrategy: 'Always', disk: false })) });
    await until(vp, 'vm/parent', '{.status.printableStatus}', 'Running');
    const uid = await read(vp, 'vmi/parent', '{.metadata.uid}');
    await vp.ok(['delete', 'vm', 'parent', '--cascade=orphan']);
    await gone(vp, 'vm/parent', 5_000);
    expect(await read(vp, 'vmi/parent', '{.metadata.uid} {.status.phase} {.metadata.ownerReferences}')).toBe(
      `${uid} Running `,
    );
    expect(await read(vp, 'vmi/parent', '{.metadata.deletionTimestamp}')).toBe('');
    await vp.ok(['patch', 'vmi', 'parent', '--type=merge', '-p', '{"metadata":{"labels":{"seen":"yes"}}}']);
    await vp.ok(['delete', 'vmi', 'parent', '--wait=false']);
    await vp.ok(['delete', 'pod', '-l', 'guest=parent', '--grace-period=0', '--force']);
    await gone(vp, 'vmi/parent', 20_000);
  });

  it('goes with its namespace', async () => {
    await vp.ok(['create', '-f', '-'], {
      input: asList(machine('inside', { namespace: 'doomed', runStrategy: 'Always' })),
    });
    await until(vp, 'vm/inside', '{.status.printableStatus}', 'Running', { namespace: 'doomed' });
    await guestReady(vp, 'inside', 'doomed');
    await vp.ok(['delete', 'namespace', 'doomed', '--timeout=40s']);
    await gone(vp, 'namespace/doomed', 5_000);
  });

  it('can be an instance alone, which stays when its guest powers off', async () => {
    await vp.ok(['create', '-f', '-'], { input: asList(instance('alone', {})) });
    await until(vp, 'vmi/alone', '{.status.phase}', 'Running');
    const restricted = await vp.kubectl(['patch', 'vmi', 'alone', '--type=merge', '-p', '{"spec":{"hostname":"x"}}']);
    expect(restricted.code).toBe(1);
    expect(restricted.stderr).toContain('update of VMI object is restricted');
    await vp.ok(['patch', 'vmi', 'alone', '--type=merge', '-p', '{"status":{"phase":"Failed"}}']);
    expect(await read(vp, 'vmi/alone', '{.status.phase}')).toBe('Running');
    await onConsole(vp, 'alone', async (guest) => {
      await guest.expect('guest: ready', 90_000);
      guest.type('poweroff -f\n');
      await until(vp, 'vmi/alone', '{.status.phase}', 'Succeeded', { withinMs: 10_000 });
      expect(await guest.ended()).toBe(0);
    });
    await vp.ok(['delete', 'vmi', 'alone', '--timeout=10s']);
    await gone(vp, 'vmi/alone', 5_000);
  });
});

/**
 * The libvirt client and the domain builder against a real libvirtd and real QEMU guests (TCG), each in a directory of
 * its own. The guests are a boot sector that halts: enough to start, pause, reset, migrate and end.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  abortJob,
  baselineCpu,
  createDomain,
  createDomainFromXml,
  createFlag,
  type Domain,
  type DomainEvent,
  defineDomain,
  destroyDomain,
  findDomainByName,
  findDomainByUuid,
  getCapabilities,
  getDomainCapabilities,
  getDomainInfo,
  getDomainMetadata,
  getDomainState,
  getDomainXml,
  getHostname,
  getHypervisorVersion,
  getJobStats,
  getLibvirtVersion,
  getMemoryStats,
  guestAgentCommand,
  isDomainGone,
  type LibvirtConnection,
  LibvirtError,
  listDomains,
  listFlag,
  migrateDomain,
  migrateFlag,
  parseDomainCapabilities,
  parseLiveDomain,
  qemuMonitorCommand,
  rebootDomain,
  resetDomain,
  resumeDomain,
  screenshotDomain,
  setDomainMetadata,
  setMigrationMaxDowntime,
  setMigrationMaxSpeed,
  shutdownDomain,
  shutdownFlag,
  subscribeDomainEvents,
  suspendDomain,
  undefineDomain,
  undefineFlag,
  xmlFlag,
} from '@virtplane/libvirt';
import type { VirtualMachineInstance } from '@virtplane/resources';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocalHost } from '../../packages/node/src/host/index.ts';
import {
  chooseAccelerator,
  defaultSmbios,
  Libvirtd,
  type PreparedGuest,
  readGuestMetadata,
  renderDomainXml,
  runProbeGuest,
} from '../../packages/node/src/hypervisor/index.ts';

const host = openLocalHost();
const missing = await missingPrerequisite();

async function missingPrerequisite(): Promise<string | undefined> {
  if (!host.privileged) return 'needs root';
  for (const file of ['/usr/sbin/libvirtd', '/usr/bin/qemu-system-x86_64']) {
    if (!(await host.status(file))) return `${file} is not installed`;
  }
  return undefined;
}
if (missing) console.warn(`libvirt.test.ts is skipped: ${missing}`);

let root: string;
const daemons: Libvirtd[] = [];

async function startDaemon(name: string, capabilitiesFrom?: string): Promise<Libvirtd> {
  const daemon = await Libvirtd.start({
    host,
    directory: join(root, name),
    accelerator: 'tcg',
    ...(capabilitiesFrom && { capabilitiesFrom }),
  });
  daemons.push(daemon);
  return daemon;
}

/** cli; hlt; jump to the hlt */
const haltingBootSector = Buffer.concat([
  Buffer.from([0xfa, 0xf4, 0xeb, 0xfd]),
  Buffer.alloc(506),
  Buffer.from([0x55, 0xaa]),
]);

let serial = 0;
function instance(
  name: string,
  domain: NonNullable<VirtualMachineInstance['spec']['domain']> = {},
): VirtualMachineInstance {
  const uid = `00000000-0000-4000-8000-${String(++serial).padStart(12, '0')}`;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { uid, name, namespace: 'test' },
    spec: { domain: { memory: { guest: '32Mi' }, ...domain }, terminationGracePeriodSeconds: 7 },
  } as VirtualMachineInstance;
}

async function prepared(daemon: Libvirtd, vmi: VirtualMachineInstance, extra: Partial<PreparedGuest> = {}) {
  const { insidePath } = await daemon.prepareGuestDirectory(vmi.metadata!.uid!);
  return {
    accelerator: 'tcg',
    emulator: '/usr/bin/qemu-system-x86_64',
    machine: 'q35',
    arch: 'x86_64',
    disks: {},
    interfaces: {},
    guestDirectory: insidePath,
    smbios: defaultSmbios,
    ...extra,
  } satisfies PreparedGuest;
}

async function started(daemon: Libvirtd, connection: LibvirtConnection, name: string): Promise<Domain> {
  const vmi = instance(name);
  return createDomainFromXml(connection, renderDomainXml(vmi, await prepared(daemon, vmi)));
}

beforeAll(async () => {
  if (missing) return;
  root = await mkdtemp(join(tmpdir(), 'vp-lv-'));
  await chmod(root, 0o755);
});

afterAll(async () => {
  if (missing) return;
  for (const daemon of daemons) if (await host.status(daemon.directory)) await daemon.wipe();
  await rm(root, { recursive: true });
});

describe.skipIf(missing)('a private libvirtd', () => {
  let daemon: Libvirtd;
  let connection: LibvirtConnection;
  let disk: string;

  beforeAll(async () => {
    daemon = await startDaemon('a');
    await daemon.probe();
    connection = await daemon.connect();
    disk = join(root, 'boot.img');
    await host.writeBytes(disk, Buffer.concat([haltingBootSector, Buffer.alloc(1024 * 1024 - 512)]));
  });

  test('tells its versions and capabilities', async () => {
    expect((await getLibvirtVersion(connection)).major).toBeGreaterThanOrEqual(9);
    expect((await getHypervisorVersion(connection)).major).toBeGreaterThanOrEqual(7);
    expect(await getHostname(connection)).not.toBe('');
    expect(await getCapabilities(connection)).toContain("<arch name='x86_64'>");
    const xml = await getDomainCapabilities(connection, { machine: 'q35', virtType: 'qemu' });
    const { machine, cpu } = parseDomainCapabilities(xml);
    expect(machine).toMatch(/^pc-q35-/);
    expect(cpu.models.filter((model) => model.usable).map((model) => model.name)).toContain('qemu64');
    const baseline = await baselineCpu(connection, ['<cpu><arch>x86_64</arch><model>Nehalem</model></cpu>'], {
      virtType: 'qemu',
      arch: 'x86_64',
    });
    expect(baseline).toContain('<model');
  });

  test('hides KVM when guests are emulated', async () => {
    await expect(getDomainCapabilities(connection, { virtType: 'kvm' })).rejects.toMatchObject({
      name: 'LibvirtError',
      codeName: 'invalidArgument',
    });
  });

  test('accepts every kind of device that the builder writes, and starts it', async () => {
    const vmi = instance('rich', {
      memory: { guest: '64Mi' },
      cpu: { sockets: 1, cores: 2, threads: 1, model: 'Conroe', features: [{ name: 'aes', policy: 'require' }] },
      features: {
        acpi: {},
        apic: { endOfInterrupt: true },
        smm: {},
        hyperv: { relaxed: {}, vapic: {}, spinlocks: {} },
      },
      clock: {
        utc: { offsetSeconds: -3600 },
        timer: { hpet: { present: false }, pit: { tickPolicy: 'delay' }, rtc: {} },
      },
      firmware: {
        uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223',
        serial: 'S-1',
        bootloader: { bios: { useSerial: true } },
      },
      chassis: { manufacturer: 'A & B', serial: "'<c>'" },
      ioThreadsPolicy: 'auto',
      devices: {
        blockMultiQueue: true,
        rng: {},
        watchdog: { name: 'wd', i6300esb: { action: 'poweroff' } },
        inputs: [
          { name: 'tablet', type: 'tablet', bus: 'usb' },
          { name: 'keys', type: 'keyboard', bus: 'virtio' },
        ],
        disks: [
          { name: 'root', bootOrder: 1, serial: 'RD-1', disk: { bus: 'virtio' }, dedicatedIOThread: true },
          { name: 'data', disk: { bus: 'virtio' } },
          { name: 'sata', disk: { bus: 'sata' }, cache: 'writeback' },
          { name: 'scsi', disk: { bus: 'scsi' } },
          { name: 'usb', disk: { bus: 'usb' } },
          { name: 'cd', cdrom: { bus: 'sata' } },
        ],
        interfaces: [{ name: 'user', masquerade: {}, bootOrder: 2 }],
      },
    });
    const names = ['root', 'data', 'sata', 'scsi', 'usb'];
    const disks: Record<string, PreparedGuest['disks'][string]> = {};
    for (const name of names) {
      const path = join(root, `rich-${name}.img`);
      await host.copyFile(disk, path);
      disks[name] = { path, kind: 'file', format: 'raw', directIo: true };
    }
    disks.cd = { path: disk, kind: 'file', format: 'raw', directIo: true, readonly: true, keepOwner: true };
    await chmod(disk, 0o644);
    const guest = await prepared(daemon, vmi, {
      disks,
      interfaces: { user: { type: 'user', mac: '52:54:00:00:00:77' } },
      cpuTune: { vcpuPins: ['0', '0'], emulatorPin: '0' },
    });
    let domain = await defineDomain(connection, renderDomainXml(vmi, guest));
    domain = await createDomain(connection, domain, createFlag.paused);
    const live = parseLiveDomain(await getDomainXml(connection, domain));
    expect(live.uuid).toBe(vmi.metadata!.uid);
    expect(live.disks.map(({ target }) => target).sort()).toEqual(['sda', 'sdb', 'sdc', 'sdd', 'vda', 'vdb']);
    expect(live.interfaces[0]).toMatchObject({ mac: '52:54:00:00:00:77', alias: 'ua-user' });
    expect(live.cpu).toMatchObject({ mode: 'custom', model: 'Conroe' });
    expect(readGuestMetadata(live)).toEqual({
      uid: vmi.metadata!.uid,
      namespace: 'test',
      name: 'rich',
      gracePeriodSeconds: 7,
    });
    expect(await qemuMonitorCommand(connection, domain, { execute: 'query-uuid' })).toEqual({
      UUID: '5d307ca9-b3ef-428c-8861-06e72d69f223',
    });
    await destroyDomain(connection, domain);
    await undefineDomain(connection, domain);
  });

  test('UEFI: the variable store is made from the template and leaves with the definition', async ({ skip }) => {
    const code = '/usr/share/OVMF/OVMF_CODE_4M.ms.fd';
    if (!(await host.status(code))) skip('the package ovmf is not installed');
    const vmi = instance('uefi', { features: { smm: {} }, firmware: { bootloader: { efi: {} } } });
    const { insidePath, path } = await daemon.prepareGuestDirectory(vmi.metadata!.uid!);
    const variables = `${insidePath}/vars.fd`;
    const firmware = { code, variablesTemplate: '/usr/share/OVMF/OVMF_VARS_4M.ms.fd', variables };
    const xml = renderDomainXml(vmi, await prepared(daemon, vmi, { firmware }));
    const domain = await createDomain(connection, await defineDomain(connection, xml), createFlag.paused);
    expect((await host.status(join(path, 'vars.fd')))?.uid).toBe(daemon.qemuUser.uid);
    expect(parseLiveDomain(await getDomainXml(connection, domain)).nvram).toBe(variables);
    await destroyDomain(connection, domain);
    await undefineDomain(connection, domain, undefineFlag.nvram);
    expect(await host.status(join(path, 'vars.fd'))).toBeUndefined();
  });

  test("libvirt's refusals come with code and sentence", async () => {
    await expect(defineDomain(connection, '<domain/>')).rejects.toBeInstanceOf(LibvirtError);
    expect(await findDomainByUuid(connection, '99999999-9999-4999-8999-999999999999')).toBeUndefined();
    const vmi = instance('nocpu', { cpu: { model: 'NoSuchCPU' } });
    await expect(createDomainFromXml(connection, renderDomainXml(vmi, await prepared(daemon, vmi)))).rejects.toThrow(
      /NoSuchCPU/,
    );
    const features = instance('nofeature', { cpu: { model: 'Conroe', features: [{ name: 'avx512f' }] } });
    await expect(
      createDomainFromXml(connection, renderDomainXml(features, await prepared(daemon, features))),
    ).rejects.toThrow(/avx512f/);
  });

  test("a domain's whole life, with its events", async () => {
    const events = await subscribeDomainEvents(connection);
    const seen: DomainEvent[] = [];
    const collecting = (async () => {
      for await (const event of events) seen.push(event);
    })();
    const vmi = instance('life');
    const xml = renderDomainXml(vmi, await prepared(daemon, vmi));
    const defined = await defineDomain(connection, xml);
    expect(await getDomainState(connection, defined)).toEqual({ state: 'shutoff', reason: 'unknown' });
    const domain = await createDomain(connection, defined);
    expect(await getDomainState(connection, domain)).toEqual({ state: 'running', reason: 'booted' });
    expect(await findDomainByName(connection, 'test_life')).toEqual(domain);
    expect((await listDomains(connection, listFlag.active)).map(({ uuid }) => uuid)).toContain(domain.uuid);
    expect(await getDomainInfo(connection, domain)).toMatchObject({
      state: 'running',
      maxMemoryBytes: 32 << 20,
      vcpus: 1,
    });
    expect((await getMemoryStats(connection, domain)).rss).toBeGreaterThan(0);

    await suspendDomain(connection, domain);
    expect(await getDomainState(connection, domain)).toEqual({ state: 'paused', reason: 'user' });
    await expect(shutdownDomain(connection, domain, shutdownFlag.acpi)).rejects.toMatchObject({
      codeName: 'operationInvalid',
    });
    await resumeDomain(connection, domain);
    await shutdownDomain(connection, domain, shutdownFlag.acpi);
    await resetDomain(connection, domain);
    await rebootDomain(connection, domain, shutdownFlag.acpi);

    const metadata = { uri: 'http://example.com/m', prefix: 'm', xml: '<a b="1"/>' };
    expect(await getDomainMetadata(connection, domain, metadata.uri)).toBeUndefined();
    await setDomainMetadata(connection, domain, metadata);
    expect(await getDomainMetadata(connection, domain, metadata.uri)).toContain('b="1"');

    const picture = await screenshotDomain(connection, domain);
    expect(picture.mimeType).toMatch(/^image\//);
    expect(picture.data.length).toBeGreaterThan(500);
    await expect(guestAgentCommand(connection, domain, { execute: 'guest-ping' }, 1)).rejects.toMatchObject({
      codeName: 'agentUnresponsive',
    });
    await expect(qemuMonitorCommand(connection, domain, { execute: 'no-such' })).rejects.toThrow(/no-such/);
    expect(await getJobStats(connection, domain)).toEqual({ type: 'none', values: {} });
    await expect(abortJob(connection, domain)).rejects.toMatchObject({ codeName: 'operationInvalid' });
    expect(await getDomainXml(connection, domain, xmlFlag.inactive)).toContain('host-model');

    await destroyDomain(connection, domain, { graceful: true });
    expect(await getDomainState(connection, domain)).toEqual({ state: 'shutoff', reason: 'destroyed' });
    await undefineDomain(connection, domain);
    expect(await findDomainByUuid(connection, domain.uuid)).toBeUndefined();

    const lifecycle = () =>
      seen.flatMap((event) => (event.kind === 'lifecycle' ? [`${event.event} ${event.detail}`] : []));
    await expect.poll(lifecycle).toContain('undefined removed');
    expect(lifecycle()).toEqual(
      expect.arrayContaining([
        'defined added',
        'started booted',
        'suspended paused',
        'resumed unpaused',
        'stopped destroyed',
      ]),
    );
    expect(seen.some((event) => event.kind === 'reboot')).toBe(true);
    events.close();
    await collecting;
  });

  test('guests outlive the daemon, also kill -9; the next start finds them', async () => {
    const domain = await started(daemon, connection, 'survivor');
    const pid = await daemon.pid();
    const again = await Libvirtd.start({ host, directory: daemon.directory, accelerator: 'tcg' });
    expect(again.adopted).toBe(true);
    expect(await again.pid()).toBe(pid);
    await again.disconnect();

    process.kill(pid!, 'SIGKILL');
    await expect.poll(() => daemon.pid()).toBeUndefined();
    const restarted = await Libvirtd.start({ host, directory: daemon.directory, accelerator: 'tcg' });
    expect(restarted.adopted).toBe(false);
    const fresh = await restarted.connect();
    expect(await getDomainState(fresh, domain)).toEqual({ state: 'running', reason: expect.any(String) });
    expect(await qemuMonitorCommand(fresh, domain, { execute: 'query-status' })).toMatchObject({ running: true });
    await restarted.disconnect();

    // Without another start: whoever asks for a connection next gets a new daemon.
    process.kill((await daemon.pid())!, 'SIGKILL');
    await expect.poll(() => daemon.pid()).toBeUndefined();
    await expect.poll(() => connection.isOpen).toBe(false);
    connection = await daemon.connect();
    expect(await getDomainState(connection, domain)).toMatchObject({ state: 'running' });
    // libvirtd may still be reconnecting to QEMU, and then reports the guest that it has just ended as gone.
    await destroyDomain(connection, domain).catch((error: unknown) => expect(isDomainGone(error)).toBe(true));
    expect(await findDomainByUuid(connection, domain.uuid)).toBeUndefined();
  });

  test('the state of an earlier boot is not believed', async () => {
    await daemon.stop();
    const stale = join(daemon.directory, 'run', 'qemu', 'test_ghost.xml');
    await host.writeText(stale, '<domstatus/>');
    await host.writeText(join(daemon.directory, 'boot-id'), 'an earlier one');
    daemon = await startDaemon('a');
    connection = await daemon.connect();
    expect(await host.status(stale)).toBeUndefined();
    expect(await listDomains(connection, listFlag.active)).toEqual([]);
  });

  test('the record of a chatty console is kept small while the guest writes on', async () => {
    const image = join(root, 'chatty.img');
    // mov dx,0x3f8; mov al,'x'; out dx,al; jump back to the out
    const chatty = Buffer.from([0xba, 0xf8, 0x03, 0xb0, 0x78, 0xee, 0xeb, 0xfd]);
    const sector = Buffer.concat([chatty, Buffer.alloc(502), Buffer.from([0x55, 0xaa])]);
    await host.writeBytes(image, Buffer.concat([sector, Buffer.alloc(1024 * 1024 - 512)]));
    const vmi = instance('chatty', { devices: { disks: [{ name: 'd', disk: { bus: 'virtio' } }] } });
    const disks = { d: { path: image, kind: 'file', format: 'raw', directIo: true } } as const;
    const domain = await createDomainFromXml(connection, renderDomainXml(vmi, await prepared(daemon, vmi, { disks })));
    const { uid } = vmi.metadata!;
    const log = join(daemon.guestDirectory(uid!).path, 'serial.log');
    const size = async () => (await host.status(log))?.sizeBytes ?? 0;
    await expect.poll(size, { timeout: 20_000 }).toBeGreaterThan(20_000);
    await daemon.trimSerialLog(uid!, 1000);
    const trimmed = await size();
    expect(trimmed).toBeLessThan(20_000);
    await expect.poll(size, { timeout: 10_000 }).toBeGreaterThan(trimmed);
    expect((await host.readText(log)).startsWith('x')).toBe(true);
    await destroyDomain(connection, domain);
  });

  test('a second node of the same machine: migration, then both wiped without a trace', async () => {
    const target = await startDaemon('b', daemon.directory);
    await target.probe();
    const there = await target.connect();
    connection = await daemon.connect();
    const events = await subscribeDomainEvents(connection);
    const vmi = instance('wanderer');
    const domain = await createDomainFromXml(connection, renderDomainXml(vmi, await prepared(daemon, vmi)));
    await target.prepareGuestDirectory(vmi.metadata!.uid!);
    await setMigrationMaxSpeed(connection, domain, 1000);
    const socket = join(root, 'migration.sock');
    await chmod(root, 0o777);
    const [migration] = await Promise.all([
      migrateDomain(connection, domain, {
        destinationUri: `qemu+unix:///system?socket=${target.socketPath}`,
        migrateUri: `unix://${socket}`,
        bandwidthMiBps: 500,
        flags: migrateFlag.unsafe,
      }).then(() => 'done'),
      // In the middle or too late: both are fine, the call must be understood.
      setMigrationMaxDowntime(connection, domain, 300).catch((error: unknown) =>
        expect(error).toBeInstanceOf(LibvirtError),
      ),
    ]);
    expect(migration).toBe('done');
    expect(await findDomainByUuid(connection, domain.uuid)).toBeUndefined();
    const moved = await findDomainByUuid(there, domain.uuid);
    expect(await getDomainState(there, moved!)).toMatchObject({ state: 'running' });
    expect((await getJobStats(there, moved!, { completed: true })).type).toBe('completed');
    const kinds = new Set<string>();
    while (!kinds.has('jobCompleted migrationOut')) {
      const { value } = await events.next();
      kinds.add(value.kind === 'jobCompleted' ? `jobCompleted ${value.operation}` : value.kind);
    }
    expect(kinds).toContain('migrationIteration');
    events.close();

    const pids = await Promise.all([daemon.pid(), target.pid()]);
    await Promise.all([daemon.wipe(), target.wipe()]);
    for (const pid of pids) expect(await host.commandLine(pid!)).toBeUndefined();
    expect(await host.list(root)).not.toContain('a');
    expect(await host.readText('/proc/self/mountinfo')).not.toContain(root);
  });
});

describe.skipIf(missing)('the KVM probe', () => {
  test('a whole guest runs under emulation', async () => {
    expect(await runProbeGuest(host, 'tcg', { directory: join(root, 'probe') })).toEqual({ usable: true });
  });

  test('the verdict is remembered for this boot', async () => {
    const directory = join(root, 'probe');
    const first = await chooseAccelerator(host, 'auto', { directory, timeoutMs: 3000 });
    expect(await chooseAccelerator(host, 'auto', { directory })).toEqual(first);
  });
});

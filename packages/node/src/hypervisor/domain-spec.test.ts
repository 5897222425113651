import { parseLiveDomain } from '@virtplane/libvirt';
import type { DomainSpec, VirtualMachineInstance } from '@virtplane/resources';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { vcpuTopology } from './domain-cpu.ts';
import { assignIoThreads, targetName } from './domain-disks.ts';
import { DomainSpecError, describeDomain, readGuestMetadata, renderDomainXml } from './domain-spec.ts';
import { defaultSmbios, type PreparedDisk, type PreparedGuest } from './prepared-guest.ts';

const uid = '8c1d7a1e-5b0f-4d7e-9f3c-0123456789ab';

function instance(domain: DomainSpec, spec: Partial<VirtualMachineInstance['spec']> = {}): VirtualMachineInstance {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { namespace: 'default', name: 'vm', uid },
    spec: { domain: { memory: { guest: '1Gi' }, ...domain }, ...spec },
  } as VirtualMachineInstance;
}

const disk = (path: string, extra: Partial<PreparedDisk> = {}): PreparedDisk => ({
  path,
  kind: 'file',
  format: 'raw',
  directIo: true,
  ...extra,
});

const guest: PreparedGuest = {
  accelerator: 'kvm',
  emulator: '/usr/bin/qemu-system-x86_64',
  machine: 'pc-q35-7.2',
  arch: 'x86_64',
  disks: {
    root: disk('/data/root.qcow2', {
      format: 'qcow2',
      backingChain: [{ path: '/images/sha256-1.raw', format: 'raw', kind: 'file' }],
    }),
    seed: disk('/data/seed.iso', { readonly: true }),
    claim: disk('/dev/vg/claim', { kind: 'block' }),
    tmpfs: disk('/tmpfs/x', { directIo: false }),
  },
  interfaces: {
    default: { type: 'ethernet', tap: 'vtabcde12345678', mac: '52:54:00:12:34:56', mtu: 1400 },
    net: { type: 'ethernet', tap: 'vtabcde87654321', mac: 'de:00:00:00:00:de', mtu: 1500 },
    user: { type: 'user', mac: '52:54:00:12:34:57' },
  },
  guestDirectory: `/var/lib/libvirt/vp/${uid}`,
  smbios: defaultSmbios,
};

const golden: [string, VirtualMachineInstance, Partial<PreparedGuest>?][] = [
  ['minimal', instance({})],
  ['emulated', instance({ cpu: { model: 'host-passthrough' } }), { accelerator: 'tcg' }],
  [
    'ordinary',
    instance(
      {
        cpu: { cores: 2 },
        devices: {
          disks: [
            { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1, serial: 'ROOT' },
            { name: 'seed', cdrom: { bus: 'sata' } },
            { name: 'claim', lun: { bus: 'scsi' } },
          ],
          interfaces: [
            { name: 'default', masquerade: {} },
            { name: 'net', bridge: {}, bootOrder: 2 },
          ],
          rng: {},
          inputs: [{ name: 'tablet', type: 'tablet', bus: 'usb' }],
        },
      },
      { terminationGracePeriodSeconds: 0 },
    ),
  ],
  [
    'secure-boot',
    instance({
      features: { acpi: {}, smm: { enabled: true } },
      firmware: { uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223', serial: 'S1', bootloader: { efi: {} } },
      chassis: { manufacturer: 'M', asset: 'A' },
    }),
    { firmware: { code: '/ovmf/CODE.ms.fd', variablesTemplate: '/ovmf/VARS.ms.fd', variables: '/state/vars.fd' } },
  ],
  [
    'dedicated',
    instance({
      cpu: { cores: 2, dedicatedCpuPlacement: true, model: 'Conroe', features: [{ name: 'aes' }] },
      memory: { guest: '2Gi', hugepages: { pageSize: '2Mi' } },
      ioThreadsPolicy: 'auto',
      devices: { disks: [{ name: 'root', disk: { bus: 'virtio' }, dedicatedIOThread: true }] },
    }),
    { cpuTune: { vcpuPins: ['2', '3'], emulatorPin: '4' } },
  ],
  [
    'windows',
    instance({
      clock: {
        utc: {},
        timer: { hpet: { present: false }, pit: { tickPolicy: 'delay' }, rtc: { tickPolicy: 'catchup' }, hyperv: {} },
      },
      features: {
        apic: {},
        hyperv: { relaxed: {}, vapic: {}, spinlocks: { spinlocks: 8191 }, synic: {}, synictimer: { direct: {} } },
      },
      devices: {
        watchdog: { name: 'dog', i6300esb: { action: 'poweroff' } },
        interfaces: [{ name: 'user', masquerade: {}, model: 'e1000e' }],
        autoattachMemBalloon: false,
        autoattachSerialConsole: false,
        autoattachGraphicsDevice: false,
        disableHotplug: true,
        sound: { name: 'snd' },
      },
    }),
  ],
];

test.each(golden)('%s: the XML is as agreed', async (name, vmi, extra = {}) => {
  await expect(renderDomainXml(vmi, { ...guest, ...extra })).toMatchFileSnapshot(`golden/${name}.xml`);
});

test('a guest is recognised by its metadata', () => {
  const live = parseLiveDomain(renderDomainXml(instance({}, { terminationGracePeriodSeconds: 5 }), guest));
  expect(readGuestMetadata(live)).toEqual({ uid, namespace: 'default', name: 'vm', gracePeriodSeconds: 5 });
});

describe('what cannot be built', () => {
  test('is told all at once', () => {
    const vmi = instance({
      memory: {},
      firmware: { uuid: 'x,file=/etc/shadow', bootloader: { efi: {} } },
      devices: {
        disks: [
          { name: 'gone', disk: {} },
          { name: 'tmpfs', disk: {}, cache: 'none' },
          { name: 'root', disk: { readonly: true } },
          { name: 'claim', disk: { bus: 'virtio', pciAddress: 'x' } },
        ],
        interfaces: [{ name: 'missing' }],
      },
    });
    const attempt = () => describeDomain(vmi, guest);
    expect(attempt).toThrow(DomainSpecError);
    try {
      attempt();
    } catch (error) {
      expect((error as DomainSpecError).faults).toEqual([
        'no memory requested: set domain.memory.guest or domain.resources.requests.memory',
        'UEFI firmware is not available on this node; on Debian install the package ovmf',
        'disk gone: its volume has not been prepared on this node',
        "Unable to use 'none' cache mode, file system where /tmpfs/x is stored does not support direct I/O",
        'disk root: SATA disks cannot be read-only; use bus virtio or scsi, or a cdrom',
        'disk claim: "x" is not a PCI address such as 0000:81:01.0',
        'interface missing: it has not been prepared on this node',
        'firmware.uuid "x,file=/etc/shadow" is not a UUID',
      ]);
    }
  });

  test('hostile strings stay values', () => {
    const hostile = "'/><hostdev/><x a='";
    const vmi = instance({
      firmware: { serial: hostile },
      chassis: { asset: hostile },
      cpu: { model: hostile, features: [{ name: hostile }] },
      devices: { disks: [{ name: 'root', disk: { bus: 'virtio' }, serial: hostile }] },
    });
    expect(renderDomainXml(vmi, guest)).not.toContain('<hostdev');
    expect(() => renderDomainXml(instance({ firmware: { serial: 'a\u0001' } }), guest)).toThrow(/U\+0001/);
  });
});

describe('rules', () => {
  test.each<[DomainSpec, number, number, number]>([
    [{}, 1, 1, 1],
    [{ cpu: { cores: 4 } }, 1, 4, 1],
    [{ cpu: { sockets: 2, threads: 2 } }, 2, 1, 2],
    [{ resources: { requests: { cpu: '1500m' } } }, 2, 1, 1],
    [{ resources: { requests: { cpu: '1' }, limits: { cpu: '3' } } }, 3, 1, 1],
    [{ cpu: { model: 'Conroe' }, resources: { requests: { cpu: '2' } } }, 2, 1, 1],
  ])('topology of %j is %d × %d × %d', (domain, sockets, cores, threads) => {
    expect(vcpuTopology(domain)).toEqual({ sockets, cores, threads });
  });

  test('target names count as the kernel does, and never repeat', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map((i) => targetName('vd', i))).toEqual([
      'vda',
      'vdz',
      'vdaa',
      'vdaz',
      'vdba',
      'vdzz',
      'vdaaa',
    ]);
    const names = Array.from({ length: 2000 }, (_, i) => targetName('sd', i));
    expect(new Set(names).size).toBe(names.length);
  });

  test('every virtio disk has an I/O thread that exists; a dedicated one is shared with nobody', () => {
    const disks = fc.array(fc.record({ bus: fc.constantFrom('virtio', 'sata'), dedicated: fc.boolean() }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(disks, fc.constantFrom('shared', 'auto'), fc.integer({ min: 1, max: 4 }), (list, policy, vcpus) => {
        const named = list.map(({ bus, dedicated }, i) => ({
          name: `d${i}`,
          disk: { bus },
          dedicatedIOThread: dedicated,
        }));
        const { count, threadOf } = assignIoThreads(named, policy, vcpus);
        for (const { name, disk: target, dedicatedIOThread } of named) {
          const thread = threadOf.get(name);
          if (target.bus !== 'virtio') expect(thread).toBeUndefined();
          else {
            expect(thread).toBeGreaterThanOrEqual(1);
            expect(thread).toBeLessThanOrEqual(count);
            if (dedicatedIOThread) expect([...threadOf.values()].filter((t) => t === thread)).toHaveLength(1);
          }
        }
      }),
    );
  });
});

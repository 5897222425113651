import { expect, test } from 'vitest';
import { parseDomainCapabilities, parseLiveDomain, XmlReadError } from './live.ts';

test('what libvirt wrote about a running domain is read back', () => {
  const live = parseLiveDomain(`<domain type='kvm' id='7'>
    <name>ns_vm</name><uuid>0a000000-0000-4000-8000-00000000000f</uuid>
    <metadata><k:kubevirt xmlns:k="http://kubevirt.io"><k:uid>u</k:uid><k:name>v&amp;m</k:name></k:kubevirt></metadata>
    <memory unit='KiB'>262144</memory><vcpu placement='static'>2</vcpu>
    <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type><nvram template='/t'>/n</nvram></os>
    <cpu mode='custom'><model>EPYC</model><feature policy='disable' name='avx512f'/></cpu>
    <devices>
      <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/>
        <backingStore type='file'><source file='/base'/></backingStore>
        <target dev='vda' bus='virtio'/><alias name='ua-root'/></disk>
      <disk type='block' device='lun'><source dev='/dev/x'/><target dev='sda' bus='scsi'/></disk>
      <interface type='ethernet'><mac address='52:54:00:00:00:01'/><target dev='tap0'/><model type='virtio'/></interface>
    </devices></domain>`);
  expect(live).toMatchObject({
    name: 'ns_vm',
    uuid: '0a000000-0000-4000-8000-00000000000f',
    id: 7,
    type: 'kvm',
    memoryBytes: 256 * 1024 * 1024,
    vcpus: 2,
    machine: 'pc-q35-7.2',
    nvram: '/n',
    cpu: { mode: 'custom', model: 'EPYC', features: [{ name: 'avx512f', policy: 'disable' }] },
    disks: [
      { device: 'disk', source: '/a', format: 'qcow2', target: 'vda', bus: 'virtio', alias: 'ua-root' },
      { device: 'lun', source: '/dev/x', target: 'sda', bus: 'scsi' },
    ],
    interfaces: [{ type: 'ethernet', mac: '52:54:00:00:00:01', target: 'tap0', model: 'virtio' }],
  });
  expect(live.metadata('http://kubevirt.io')).toEqual({ uid: 'u', name: 'v&m' });
  expect(live.metadata('http://other')).toBeUndefined();
});

test('domain capabilities: host model and usable models', () => {
  const { cpu, machine } = parseDomainCapabilities(`<domainCapabilities><path>/q</path><machine>pc-q35-7.2</machine>
    <vcpu max='288'/><cpu><mode name='host-passthrough' supported='no'/><mode name='maximum' supported='yes'/>
    <mode name='host-model' supported='yes'><model fallback='forbid'>EPYC</model><vendor>AMD</vendor>
      <feature policy='require' name='x2apic'/></mode>
    <mode name='custom' supported='yes'><model usable='yes'>Conroe</model><model usable='no'>Haswell</model></mode>
    </cpu></domainCapabilities>`);
  expect(machine).toBe('pc-q35-7.2');
  expect(cpu).toEqual({
    hostPassthrough: false,
    maximum: true,
    hostModel: { model: 'EPYC', vendor: 'AMD', features: [{ name: 'x2apic', policy: 'require' }] },
    models: [
      { name: 'Conroe', usable: true, deprecated: false },
      { name: 'Haswell', usable: false, deprecated: false },
    ],
  });
});

test.each(['', 'no xml', '<domain>', '<network/>'])('%j is refused', (xml) => {
  expect(() => parseLiveDomain(xml)).toThrow(XmlReadError);
});

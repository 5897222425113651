import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { VirtualMachineInstance } from '@virtplane/resources';
import { guestImage, run, type TestVirtplane } from '../harness/virtplane.ts';

/** A small guest that boots in a few seconds under emulation. */
export const guestSpec = {
  domain: {
    memory: { guest: '96Mi' },
    devices: {
      disks: [{ name: 'system', disk: { bus: 'virtio' } }],
      interfaces: [{ name: 'default', masquerade: {} }],
    },
  },
  networks: [{ name: 'default', pod: {} }],
  terminationGracePeriodSeconds: 3,
  volumes: [{ name: 'system', containerDisk: { image: guestImage.reference } }],
} as const;

export const instanceManifest = (name: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name },
  spec: guestSpec,
});

export const vmManifest = (name: string, spec: object = guestSpec, runStrategy = 'Always') => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name },
  spec: { runStrategy, template: { metadata: {}, spec } },
});

export const apply = (virtplane: TestVirtplane, ...objects: readonly object[]): Promise<string> =>
  virtplane.ok(['apply', '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  });

export async function instances(virtplane: TestVirtplane): Promise<Record<string, { uid: string; phase: string }>> {
  const { items } = JSON.parse(await virtplane.ok(['get', 'vmi', '-o', 'json'])) as { items: VirtualMachineInstance[] };
  return Object.fromEntries(
    items.map((vmi) => [vmi.metadata.name, { uid: vmi.metadata.uid ?? '', phase: vmi.status?.phase ?? '' }]),
  );
}

/** Processes of the machine, by pid, whose command line names the directory. */
export async function processesOf(directory: string): Promise<Map<number, readonly string[]>> {
  const found = new Map<number, readonly string[]>();
  for (const name of await fs.readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const text = await fs.readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (text.includes(`${directory}/`) || text.includes(`${directory}\0`)) found.set(Number(name), text.split('\0'));
  }
  return found;
}

/** Pids of the guests' QEMU: libvirt names each guest's files by its uid, which only this machine's processes carry. */
export async function qemuPids(uids: readonly string[]): Promise<Record<string, number>> {
  const pids: Record<string, number> = {};
  for (const name of await fs.readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [file = '', ...args] = (await fs.readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const uid = path.basename(file).startsWith('qemu-system') && args[args.indexOf('-uuid') + 1];
    if (uid && uids.includes(uid)) pids[uid] = Number(name);
  }
  return pids;
}

export const libvirtdPid = async (virtplane: TestVirtplane): Promise<number> =>
  Number(await fs.readFile(path.join(virtplane.dataDirectory, 'node/libvirt/libvirtd.pid'), 'utf8'));

export const virsh = (virtplane: TestVirtplane, ...args: readonly string[]) =>
  run('virsh', [
    '-c',
    `qemu:///system?socket=${path.join(virtplane.dataDirectory, 'node/libvirt/sock/libvirt-sock')}`,
    ...args,
  ]);

/** Gone or a zombie: nothing of it runs any more. */
export async function hasEnded(pid: number): Promise<boolean> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat === '' || stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

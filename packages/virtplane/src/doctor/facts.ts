import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chooseAccelerator, type Host, openLocalHost } from '@virtplane/node';
import type { DataDirectory } from '../data-directory.ts';
import type { HostFacts } from './findings.ts';

const commands = ['qemu-system-x86_64', 'qemu-img', 'libvirtd', 'ip', 'nft', 'dnsmasq', 'nsenter'];
/** statfs(2) type numbers of file systems on which a memory-mapped store is not safe. */
const networkFileSystems: Readonly<Record<number, string>> = {
  26985: 'NFS',
  4283649346: 'CIFS',
  20859: 'SMB',
  16914839: '9p',
};

export async function gatherFacts(data: DataDirectory): Promise<HostFacts> {
  const host = openLocalHost();
  const existing = await nearestExisting(data.root);
  const [found, plugins, space, ovmf, hugepages, groups, vlan] = await Promise.all([
    Promise.all(commands.map(async (name) => [name, await findCommand(name)] as const)),
    fs.readdir('/usr/lib/cni').catch(ifMissing([])),
    fs.statfs(existing),
    fs.access('/usr/share/OVMF/OVMF_CODE_4M.fd').then(
      () => true,
      () => false,
    ),
    hugepageCounts(),
    fs.readdir('/sys/kernel/iommu_groups').catch(ifMissing([])),
    kernelFiltersVlans(),
  ]);
  const present = new Set(found.flatMap(([name, where]) => (where ? [name] : [])));
  const networkFileSystem = networkFileSystems[space.type];
  return {
    nodeVersion: process.versions.node,
    privileged: host.privileged,
    architecture: process.arch,
    commands: present,
    cniPlugins: new Set(plugins),
    kvm: present.has('qemu-system-x86_64') ? await provedKvm(host) : { usable: false, reason: 'QEMU is missing' },
    ovmf,
    hugepages,
    iommuGroups: groups.length,
    vlanFiltering: vlan,
    freeBytes: space.bavail * space.bsize,
    memoryBytes: os.totalmem(),
    dataDirectory: data.root,
    ...(networkFileSystem ? { networkFileSystem } : {}),
  };
}

const ifMissing =
  <T>(value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };

async function nearestExisting(directory: string): Promise<string> {
  for (let current = directory; ; current = path.dirname(current)) {
    if (
      current === path.dirname(current) ||
      (await fs.access(current).then(
        () => true,
        () => false,
      ))
    )
      return current;
  }
}

async function hugepageCounts(): Promise<HostFacts['hugepages']> {
  const base = '/sys/kernel/mm/hugepages';
  const counts: Record<string, { total: number; free: number }> = {};
  for (const folder of await fs.readdir(base).catch(ifMissing([] as string[]))) {
    const size = /^hugepages-(\d+)kB$/.exec(folder)?.[1];
    if (!size) continue;
    const read = async (name: string): Promise<number> =>
      Number(await fs.readFile(path.join(base, folder, name), 'utf8'));
    counts[size] = { total: await read('nr_hugepages'), free: await read('free_hugepages') };
  }
  return counts;
}

/** The kernel's own build configuration or a loaded or loadable 8021q module tells. */
async function kernelFiltersVlans(): Promise<boolean> {
  const loaded = await fs.access('/sys/module/8021q').then(
    () => true,
    () => false,
  );
  if (loaded) return true;
  const release = os.release();
  const modules = await fs.readFile(`/lib/modules/${release}/modules.dep`, 'utf8').catch(ifMissing(''));
  return modules.includes('/8021q.ko');
}

/** In a directory of its own: the answer kept in the data directory may be of another boot. */
async function provedKvm(host: Host): Promise<HostFacts['kvm']> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), 'virtplane-doctor-'));
  try {
    const { accelerator, reason } = await chooseAccelerator(host, 'auto', { directory });
    return accelerator === 'kvm' ? { usable: true } : { usable: false, ...(reason ? { reason } : {}) };
  } finally {
    await fs.rm(directory, { recursive: true, force: true });
  }
}

/** Where a command lies; system directories count even where they are not on the user's PATH. */
async function findCommand(name: string): Promise<string | undefined> {
  const directories = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];
  for (const directory of directories) {
    const file = path.join(directory, name);
    const executable = await fs.access(file, fs.constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return file;
  }
  return undefined;
}

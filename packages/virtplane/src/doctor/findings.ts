/** What was seen on this machine; plain data, so that every judgement can be tested without a machine. */
export interface HostFacts {
  readonly nodeVersion: string;
  readonly privileged: boolean;
  readonly architecture: string;
  /** Commands that are there, by name. */
  readonly commands: ReadonlySet<string>;
  /** CNI plugins that are there. */
  readonly cniPlugins: ReadonlySet<string>;
  readonly kvm: { readonly usable: boolean; readonly reason?: string };
  readonly ovmf: boolean;
  /** Free pages by size in KiB; absent size: the kernel does not offer it. */
  readonly hugepages: Readonly<Record<string, { readonly total: number; readonly free: number }>>;
  readonly iommuGroups: number;
  readonly vlanFiltering: boolean;
  readonly freeBytes: number;
  readonly memoryBytes: number;
  readonly dataDirectory: string;
  readonly networkFileSystem?: string;
}

export type Level = 'ok' | 'note' | 'warning' | 'fault';

export interface Finding {
  /** Stable: scripts may rely on it. */
  readonly id: string;
  readonly level: Level;
  readonly says: string;
  /** What to do; absent when there is nothing to do. */
  readonly remedy?: string;
}

const gib = 1024 ** 3;

const commandPackages: readonly (readonly [id: string, command: string, debianPackage: string])[] = [
  ['qemu', 'qemu-system-x86_64', 'qemu-system-x86'],
  ['qemu-img', 'qemu-img', 'qemu-utils'],
  ['libvirtd', 'libvirtd', 'libvirt-daemon'],
  ['iproute2', 'ip', 'iproute2'],
  ['nftables', 'nft', 'nftables'],
  ['dnsmasq', 'dnsmasq', 'dnsmasq-base'],
  ['nsenter', 'nsenter', 'util-linux'],
];

/** Judges a machine: faults keep guests from running at all, warnings cost an ability, notes are good to know. */
export function findings(facts: HostFacts): Finding[] {
  const list: Finding[] = [];
  const add = (id: string, level: Level, says: string, remedy?: string): void => {
    list.push({ id, level, says, ...(remedy ? { remedy } : {}) });
  };

  const [major = 0, minor = 0] = facts.nodeVersion.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) add('node', 'ok', `Node.js ${facts.nodeVersion}`);
  else add('node', 'fault', `Node.js ${facts.nodeVersion} is too old`, 'install Node.js 20.19 or newer');

  if (facts.architecture === 'x64') add('architecture', 'ok', 'x86-64');
  else add('architecture', 'fault', `processor architecture ${facts.architecture}: guests run only on x86-64`);

  if (facts.privileged) add('root', 'ok', 'root: pod networks, taps and huge pages can be used');
  else {
    add(
      'root',
      'fault',
      'not root: no pod networks, taps, huge pages or devices, so no guests',
      'run `virtplane up` as root; `virtplane server` alone needs none',
    );
  }

  for (const [id, command, debianPackage] of commandPackages) {
    if (facts.commands.has(command)) add(id, 'ok', command);
    else add(id, 'fault', `${command} is missing`, `apt-get install --no-install-recommends ${debianPackage}`);
  }

  if (facts.kvm.usable) add('kvm', 'ok', 'KVM runs guests');
  else {
    add(
      'kvm',
      'warning',
      `KVM cannot be used: ${facts.kvm.reason ?? 'unknown reason'}; guests run under emulation (TCG), several times slower`,
      'switch on virtualization in the firmware, or nested virtualization in the hypervisor this machine runs on',
    );
  }

  const missingPlugins = ['bridge', 'host-local', 'ptp', 'loopback', 'tuning'].filter((p) => !facts.cniPlugins.has(p));
  if (missingPlugins.length === 0) add('cni', 'ok', 'CNI plugins');
  else {
    add(
      'cni',
      'fault',
      `CNI plugins are missing: ${missingPlugins.join(', ')}`,
      'apt-get install --no-install-recommends containernetworking-plugins',
    );
  }

  if (facts.ovmf) add('ovmf', 'ok', 'UEFI firmware (OVMF)');
  else add('ovmf', 'warning', 'no UEFI firmware: only BIOS guests', 'apt-get install --no-install-recommends ovmf');

  for (const [size, title] of [
    ['2048', '2Mi'],
    ['1048576', '1Gi'],
  ] as const) {
    const pages = facts.hugepages[size];
    if (!pages) add(`hugepages-${title}`, 'note', `the kernel offers no huge pages of ${title}`);
    else if (pages.total === 0) {
      add(
        `hugepages-${title}`,
        'note',
        `huge pages of ${title}: none reserved`,
        `echo N > /sys/kernel/mm/hugepages/hugepages-${size}kB/nr_hugepages`,
      );
    } else add(`hugepages-${title}`, 'ok', `huge pages of ${title}: ${pages.free} of ${pages.total} free`);
  }

  if (facts.iommuGroups > 0) add('iommu', 'ok', `IOMMU: ${facts.iommuGroups} groups`);
  else {
    add(
      'iommu',
      'note',
      'no IOMMU: PCI devices cannot be passed through',
      'switch on VT-d or AMD-Vi in the firmware and add intel_iommu=on to the kernel command line',
    );
  }

  if (facts.vlanFiltering) add('vlan', 'ok', 'bridges can filter VLANs');
  else add('vlan', 'note', 'this kernel cannot filter VLANs on bridges: networks with a VLAN are refused');

  if (facts.networkFileSystem) {
    add(
      'data-directory',
      'fault',
      `${facts.dataDirectory} lies on ${facts.networkFileSystem}: the store is not safe there`,
      'choose a directory on a local disk with --data DIR',
    );
  } else if (facts.freeBytes < gib) {
    add(
      'data-directory',
      'warning',
      `only ${(facts.freeBytes / gib).toFixed(1)} GiB free under ${facts.dataDirectory}`,
      'free some space: when the disk is full, writes are refused and guests with growing disks are paused',
    );
  } else add('data-directory', 'ok', `${facts.dataDirectory}: ${Math.floor(facts.freeBytes / gib)} GiB free`);

  return list;
}

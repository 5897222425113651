import type { VirtualMachineInstance } from '@virtplane/resources';

export interface Migratability {
  readonly condition: {
    readonly type: 'LiveMigratable';
    readonly status: 'True' | 'False';
    readonly reason?: string;
    readonly message?: string;
  };
  readonly method: 'LiveMigration' | 'BlockMigration';
}

const no = (reason: string, message: string): Migratability['condition'] => ({
  type: 'LiveMigratable',
  status: 'False',
  reason,
  message,
});

/** Can this VMI be live migrated? The first test that fails is told. Source: KubeVirt virt-handler calculateLiveMigrationCondition. */
export function migratability(vmi: VirtualMachineInstance): Migratability {
  const { spec } = vmi;
  const { devices } = spec.domain ?? {};
  const cdroms = new Set((devices?.disks ?? []).filter((disk) => disk.cdrom).map((disk) => disk.name));
  let disks: Migratability['condition'] | undefined;
  let blockMigration = false;
  for (const volume of spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName ?? volume.dataVolume?.name;
    if (claim !== undefined) {
      const modes = vmi.status?.volumeStatus?.find((v) => v.name === volume.name)?.persistentVolumeClaimInfo
        ?.accessModes;
      if (modes?.includes('ReadWriteMany')) continue;
      disks ??= no(
        'DisksNotLiveMigratable',
        modes
          ? `cannot migrate VMI: PVC ${claim} is not shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)`
          : `cannot migrate VMI: Unable to determine if PVC ${claim} is shared, live migration requires that all PVCs must be shared (using ReadWriteMany access mode)`,
      );
    } else if (volume.hostDisk) {
      if (!volume.hostDisk.shared)
        disks ??= no('DisksNotLiveMigratable', `cannot migrate VMI with non-shared HostDisk`);
    } else if (
      !volume.cloudInitNoCloud &&
      !volume.cloudInitConfigDrive &&
      !volume.containerDisk &&
      !cdroms.has(volume.name)
    ) {
      blockMigration = true;
    }
  }
  const method = blockMigration || disks ? 'BlockMigration' : 'LiveMigration';
  const podNetworks = new Set((spec.networks ?? []).filter((network) => network.pod).map((network) => network.name));
  const bridged = (devices?.interfaces ?? []).some((nic) => podNetworks.has(nic.name) && !nic.masquerade);
  const condition =
    disks ??
    (bridged
      ? no(
          'InterfaceNotLiveMigratable',
          'cannot migrate VMI which does not use masquerade to connect to the pod network',
        )
      : undefined) ??
    ((devices?.filesystems ?? []).length > 0 ? no('VirtIOFSNotLiveMigratable', 'VMI uses virtiofs') : undefined) ??
    ((devices?.hostDevices ?? []).length + (devices?.gpus ?? []).length > 0
      ? no('HostDeviceNotLiveMigratable', 'VMI uses a PCI host devices')
      : undefined) ??
    (spec.domain?.launchSecurity?.sev ? no('SEVNotLiveMigratable', 'VMI uses SEV') : undefined);
  return { condition: condition ?? { type: 'LiveMigratable', status: 'True' }, method };
}

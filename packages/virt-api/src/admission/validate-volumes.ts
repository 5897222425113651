import type { FieldError } from '@virtplane/resources';
import { listLimitFaults } from './validate-disks.ts';
import type { Volume } from './virtual-machine-types.ts';
import { fault } from './webhooks.ts';

/** Largest user or network data that may stand in the manifest itself, in bytes before base64. */
export const CLOUD_INIT_BYTES_LIMIT = 2048;

export interface VolumeRules {
  /** Gate HostDisk: off by default, because the author of a machine could read any file of the host. */
  readonly hostDisk: boolean;
  /** Whether DataVolumes are served. */
  readonly dataVolumes: boolean;
}

const SOURCES = [
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'containerDisk',
  'dataVolume',
  'persistentVolumeClaim',
  'ephemeral',
  'emptyDisk',
  'hostDisk',
  'configMap',
  'secret',
  'serviceAccount',
  'downwardAPI',
  'downwardMetrics',
  'sysprep',
  'memoryDump',
] as const;
type Source = (typeof SOURCES)[number];

export function validateVolumes(volumes: readonly Volume[], p: string, rules: VolumeRules): FieldError[] {
  const list = `${p}.volumes`;
  const faults = listLimitFaults(list, volumes.length);
  const seen = new Map<string, number>();
  for (const [i, volume] of volumes.entries()) {
    const v = `${list}[${i}]`;
    const first = seen.get(volume.name);
    if (first === undefined) seen.set(volume.name, i);
    else faults.push(fault(`${v}.name`, `${v} and ${list}[${first}] must not have the same Name.`));
    let sources = 0;
    for (const source of SOURCES) if (volume[source] !== undefined) sources++;
    if (sources !== 1) faults.push(fault(v, `${v} must have exactly one source type set`));
    for (const source of SOURCES) if (volume[source] !== undefined) sourceRules[source]?.(volume, v, rules, faults);
  }
  return faults;
}

type SourceRule = (volume: Volume, v: string, rules: VolumeRules, faults: FieldError[]) => void;

const named =
  (
    source: 'secret' | 'configMap' | 'serviceAccount',
    member: 'secretName' | 'name' | 'serviceAccountName',
  ): SourceRule =>
  (volume, v, _rules, faults) => {
    const value: Readonly<Record<string, unknown>> = { ...volume[source] };
    if (!value[member]) faults.push(fault(`${v}.${source}.${member}`, `${v}.${source}.${member} is a required field`));
  };

const sourceRules: Partial<Record<Source, SourceRule>> = {
  dataVolume(volume, v, rules, faults) {
    if (!rules.dataVolumes)
      faults.push(fault(v, 'DataVolume api is not present in cluster. CDI must be installed for DataVolume support.'));
    if (!volume.dataVolume?.name)
      faults.push(fault(`${v}.name`, "DataVolume 'name' must be set", 'FieldValueRequired'));
  },
  hostDisk(volume, v, rules, faults) {
    const disk = volume.hostDisk;
    if (!rules.hostDisk) faults.push(fault(v, 'HostDisk feature gate is not enabled'));
    if (!disk?.path)
      faults.push(
        fault(`${v}.hostDisk.path`, `${v}.hostDisk.path is required for hostDisk volume`, 'FieldValueNotFound'),
      );
    if (disk?.type !== 'Disk' && disk?.type !== 'DiskOrCreate')
      faults.push(
        fault(
          `${v}.hostDisk.type`,
          `${v}.hostDisk.type has invalid value '${disk?.type ?? ''}', allowed are 'Disk' or 'DiskOrCreate'`,
        ),
      );
    if (disk?.type !== 'DiskOrCreate' && !isZero(disk?.capacity))
      faults.push(
        fault(
          `${v}.hostDisk.capacity`,
          `${v}.hostDisk.capacity is allowed to pass only with ${v}.hostDisk.type equal to 'DiskOrCreate'`,
        ),
      );
  },
  containerDisk(volume, v, _rules, faults) {
    const path = volume.containerDisk?.path;
    if (!path) return;
    const field = `${v}.containerDisk`;
    if (path === '/') faults.push(fault(field, `${field} must not point to root`));
    else if (!isCleanAbsolute(path))
      faults.push(fault(field, `${field} must be an absolute path to a file without relative components`));
  },
  cloudInitNoCloud: cloudInitRule('cloudInitNoCloud'),
  cloudInitConfigDrive: cloudInitRule('cloudInitConfigDrive'),
  secret: named('secret', 'secretName'),
  configMap: named('configMap', 'name'),
  serviceAccount: named('serviceAccount', 'serviceAccountName'),
};

const isZero = (capacity: string | undefined): boolean =>
  capacity === undefined || /^0+(\.0*)?[A-Za-z]*$/.test(capacity);

const isCleanAbsolute = (path: string): boolean =>
  path.startsWith('/') &&
  !path.endsWith('/') &&
  !path
    .split('/')
    .slice(1)
    .some((part) => part === '' || part === '.' || part === '..');

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function cloudInitRule(source: 'cloudInitNoCloud' | 'cloudInitConfigDrive'): SourceRule {
  return (volume, v, _rules, faults) => {
    const init = volume[source];
    if (!init) return;
    const c = `${v}.${source}`;
    const check = (
      text: string | undefined,
      base64: string | undefined,
      member: string,
      what: string,
      ref: string,
    ): void => {
      let bytes = text ? Buffer.byteLength(text) : 0;
      if (base64) {
        if (!BASE64.test(base64.replace(/[\r\n]/g, '')))
          faults.push(fault(`${c}.${member}Base64`, `${c}.${member}Base64 is not a valid base64 value.`));
        else bytes = Math.max(bytes, Buffer.from(base64, 'base64').length);
      }
      if (bytes > CLOUD_INIT_BYTES_LIMIT)
        faults.push(
          fault(c, `${c} ${what} exceeds ${CLOUD_INIT_BYTES_LIMIT} byte limit. Should use ${ref} for larger data.`),
        );
    };
    const userSources = Number(!!init.secretRef?.name) + Number(!!init.userDataBase64) + Number(!!init.userData);
    const networkSources =
      Number(!!init.networkDataSecretRef?.name) + Number(!!init.networkDataBase64) + Number(!!init.networkData);
    if (userSources > 1) faults.push(fault(c, `${c} must have only one userdatasource set.`));
    if (networkSources > 1) faults.push(fault(c, `${c} must have only one networkdata source set.`));
    if (userSources + networkSources === 0)
      faults.push(fault(c, `${c} must have at least one userdatasource or one networkdatasource set.`));
    check(init.userData, init.userDataBase64, 'userData', 'userdata', 'UserDataSecretRef');
    check(init.networkData, init.networkDataBase64, 'networkData', 'networkdata', 'NetworkDataSecretRef');
  };
}

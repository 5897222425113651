import type { CloudInitConfigDriveSource, CloudInitNoCloudSource, VirtualMachineInstance } from '@virtplane/resources';
import type { IsoFile } from './iso9660.ts';

/** A configuration disk ready to be written: volume label and files. */
export interface ConfigurationDisk {
  readonly label: string;
  readonly files: readonly IsoFile[];
}

/** Data of Secrets that the source refers to, decoded, by Secret name. */
export type SecretFiles = ReadonlyMap<string, ReadonlyMap<string, Buffer>>;

type Source = CloudInitNoCloudSource | CloudInitConfigDriveSource;

/** `spec.hostname`, else the VMI's name up to its first dot, at most 63 characters. */
export function guestHostname(vmi: VirtualMachineInstance): string {
  return (vmi.spec.hostname || (vmi.metadata?.name ?? '').split('.', 1)[0] || '').slice(0, 63);
}

/** Names of the Secrets that a source needs. */
export const secretsOf = (source: Source): string[] =>
  [source.secretRef?.name, source.networkDataSecretRef?.name].filter((name): name is string => Boolean(name));

const fromSecret = (secrets: SecretFiles, name: string, keys: readonly string[]): Buffer => {
  const data = secrets.get(name);
  for (const key of keys) {
    const value = data?.get(key);
    if (value) return value;
  }
  throw new Error(`no ${keys[0]} key found in secret ${name}`);
};

function userData(source: Source, secrets: SecretFiles): Buffer {
  if (source.secretRef?.name) return fromSecret(secrets, source.secretRef.name, ['userdata', 'userData']);
  if (source.userDataBase64) return Buffer.from(source.userDataBase64, 'base64');
  return Buffer.from(source.userData ?? '');
}

function networkData(source: Source, secrets: SecretFiles): Buffer | undefined {
  if (source.networkDataSecretRef?.name)
    return fromSecret(secrets, source.networkDataSecretRef.name, ['networkdata', 'networkData']);
  if (source.networkDataBase64) return Buffer.from(source.networkDataBase64, 'base64');
  return source.networkData ? Buffer.from(source.networkData) : undefined;
}

const instanceTypeAnnotation = 'kubevirt.io/instancetype-name';
const clusterInstanceTypeAnnotation = 'kubevirt.io/cluster-instancetype-name';

/** Source: KubeVirt pkg/cloud-init. Throws an Error that names the Secret and the missing key. */
export function noCloudDisk(
  vmi: VirtualMachineInstance,
  source: CloudInitNoCloudSource,
  secrets: SecretFiles,
): ConfigurationDisk {
  const annotations = vmi.metadata?.annotations ?? {};
  const instanceType = annotations[clusterInstanceTypeAnnotation] ?? annotations[instanceTypeAnnotation];
  const metadata = {
    'instance-id': vmi.spec.domain?.firmware?.uuid ?? vmi.metadata?.uid ?? '',
    'local-hostname': guestHostname(vmi),
    ...(instanceType && { 'instance-type': instanceType }),
  };
  const network = networkData(source, secrets);
  return {
    label: 'cidata',
    files: [
      { path: 'user-data', content: userData(source, secrets) },
      { path: 'meta-data', content: JSON.stringify(metadata) },
      ...(network ? [{ path: 'network-config', content: network }] : []),
    ],
  };
}

/** OpenStack's config drive, version latest. */
export function configDriveDisk(
  vmi: VirtualMachineInstance,
  source: CloudInitConfigDriveSource,
  secrets: SecretFiles,
): ConfigurationDisk {
  const metadata = {
    instance_id: `${vmi.metadata?.name}.${vmi.metadata?.namespace}`,
    hostname: guestHostname(vmi),
    uuid: vmi.spec.domain?.firmware?.uuid ?? vmi.metadata?.uid ?? '',
  };
  const network = networkData(source, secrets);
  return {
    label: 'config-2',
    files: [
      { path: 'openstack/latest/user_data', content: userData(source, secrets) },
      { path: 'openstack/latest/meta_data.json', content: JSON.stringify(metadata) },
      ...(network ? [{ path: 'openstack/latest/network_data.json', content: network }] : []),
    ],
  };
}

import type { KubeVirt } from '@virtplane/resources';

/** What admission needs of the KubeVirt object's configuration. */
export interface AdmissionConfig {
  readonly machineType: string;
  /** Unanchored regular expressions. */
  readonly emulatedMachines: readonly string[];
  readonly cpuModel: string | undefined;
  /** Quantity; `100m` means that nothing is written. */
  readonly cpuRequest: string | undefined;
  /** Guest memory in percent of the request; 100: all of it. */
  readonly memoryOvercommitPercent: number;
  readonly defaultNetworkInterface: string;
  readonly permitBridgeOnPodNetwork: boolean;
  readonly permitSlirp: boolean;
  readonly featureGates: ReadonlySet<string>;
}

/** The configuration, with KubeVirt's defaults where the object (or the whole object) says nothing. */
export function admissionConfig(kubeVirt: KubeVirt | undefined): AdmissionConfig {
  const configuration = kubeVirt?.spec?.configuration;
  const developer = configuration?.developerConfiguration;
  return {
    machineType: configuration?.machineType || 'q35',
    emulatedMachines: configuration?.emulatedMachines?.length ? configuration.emulatedMachines : ['q35*', 'pc-q35*'],
    cpuModel: configuration?.cpuModel || undefined,
    cpuRequest: configuration?.cpuRequest,
    memoryOvercommitPercent: developer?.memoryOvercommit || 100,
    defaultNetworkInterface: configuration?.network?.defaultNetworkInterface || 'masquerade',
    permitBridgeOnPodNetwork: configuration?.network?.permitBridgeInterfaceOnPodNetwork ?? true,
    permitSlirp: configuration?.network?.permitSlirpInterface ?? false,
    featureGates: new Set(developer?.featureGates ?? []),
  };
}

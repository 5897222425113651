import { apiVersionOf, KubeVirt } from '@virtplane/resources';
import type { Client } from '@virtplane/runtime';
import { isConflict } from '@virtplane/runtime';

/** Where the one KubeVirt object stands. */
export const KUBEVIRT_KEY = { namespace: 'kubevirt', name: 'kubevirt' } as const;

/** What the controllers need of the KubeVirt object's configuration. */
export interface ControllerConfig {
  /** Guests run without KVM: launcher pods ask for no such device. */
  readonly useEmulation: boolean;
  /** Virtual CPUs for one requested CPU. */
  readonly cpuAllocationRatio: number;
  /** Labels that every node of a launcher pod must have, besides the user's. */
  readonly nodeSelectors: Readonly<Record<string, string>>;
  /** Factor on the launcher's own memory; 1: KubeVirt's estimate. */
  readonly guestMemoryOverheadRatio: number;
}

export function controllerConfig(kubeVirt: KubeVirt | undefined): ControllerConfig {
  const configuration = kubeVirt?.spec?.configuration;
  const developer = configuration?.developerConfiguration;
  const ratio = Number(configuration?.additionalGuestMemoryOverheadRatio ?? 1);
  return {
    useEmulation: developer?.useEmulation ?? false,
    cpuAllocationRatio: developer?.cpuAllocationRatio || 10,
    nodeSelectors: developer?.nodeSelectors ?? {},
    guestMemoryOverheadRatio: Number.isFinite(ratio) && ratio > 0 ? ratio : 1,
  };
}

export interface EnsureKubeVirtOptions {
  readonly version: string;
  /** Written only when the object is made; an administrator's later choice stands. */
  readonly useEmulation?: boolean;
}

/** Creates the KubeVirt object if it is absent and reports it as deployed in this version. Its namespace must exist. */
export async function ensureKubeVirt(client: Client, options: EnsureKubeVirtOptions): Promise<KubeVirt> {
  const kubeVirts = client(KubeVirt);
  let object = await kubeVirts.find(KUBEVIRT_KEY);
  if (!object) {
    try {
      object = await kubeVirts.create({
        apiVersion: apiVersionOf(KubeVirt),
        kind: KubeVirt.kind,
        metadata: { ...KUBEVIRT_KEY },
        spec: {
          configuration: {
            network: { defaultNetworkInterface: 'masquerade' },
            ...(options.useEmulation && { developerConfiguration: { useEmulation: true } }),
          },
        },
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
      object = await kubeVirts.get(KUBEVIRT_KEY);
    }
  }
  const { status } = object;
  if (status?.phase === 'Deployed' && status.observedKubeVirtVersion === options.version) return object;
  return kubeVirts.updateStatus({
    ...object,
    status: {
      ...status,
      phase: 'Deployed',
      operatorVersion: options.version,
      observedKubeVirtVersion: options.version,
      targetKubeVirtVersion: options.version,
    },
  });
}

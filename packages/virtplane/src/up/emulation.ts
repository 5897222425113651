import { KubeVirt } from '@virtplane/resources';
import { createClient, HttpsTransport, loadKubeconfig } from '@virtplane/runtime';
import { KUBEVIRT_KEY } from '@virtplane/virt-controller';
import type { DataDirectory } from '../data-directory.ts';

/** Marks a choice of ours, which we may take back; an administrator's own is never touched. */
const annotation = 'virtplane.io/use-emulation-chosen-by';

/**
 * Launcher Pods ask for `devices.kubevirt.io/kvm` unless the KubeVirt object says `useEmulation`. On a machine without a working
 * KVM no node offers that device, so the object must follow what the node agent has proved.
 */
export async function chooseEmulation(data: DataDirectory, emulation: boolean): Promise<void> {
  const transport = new HttpsTransport(await loadKubeconfig({ path: data.adminKubeconfig }));
  try {
    const kubeVirts = createClient(transport)(KubeVirt);
    const object = await kubeVirts.get(KUBEVIRT_KEY);
    const present = object.spec?.configuration?.developerConfiguration?.useEmulation;
    const ours = object.metadata.annotations?.[annotation] === 'virtplane';
    if ((present !== undefined && !ours) || (present ?? false) === emulation) return;
    await kubeVirts.patch(KUBEVIRT_KEY, 'merge', {
      metadata: { annotations: { [annotation]: 'virtplane' } },
      spec: { configuration: { developerConfiguration: { useEmulation: emulation } } },
    });
  } finally {
    transport.close();
  }
}

import { guestImage } from '../product.mjs';
import { until } from '../statistics.mjs';

const namespace = 'default';

/** @param {string} [name] */
export const vmPath = (name) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines${name ? `/${name}` : ''}`;

/** @param {string} [name] */
export const vmiPath = (name) =>
  `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances${name ? `/${name}` : ''}`;

/** The small guest of the examples on the pod network; a guest that powers itself off stays off. @param {string} name */
export const smallGuest = (name) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: { name, namespace },
  spec: {
    runStrategy: 'RerunOnFailure',
    template: {
      metadata: { labels: { app: name } },
      spec: {
        domain: {
          cpu: { cores: 1 },
          memory: { guest: '256Mi' },
          // Twenty of them must fit on two cores: the default of a tenth of a core for each vCPU leaves no room for the launchers.
          resources: { requests: { cpu: '50m' } },
          devices: {
            disks: [{ name: 'system', disk: { bus: 'virtio' } }],
            interfaces: [{ name: 'default', masquerade: {} }],
          },
        },
        networks: [{ name: 'default', pod: {} }],
        terminationGracePeriodSeconds: 1,
        volumes: [{ name: 'system', containerDisk: { image: guestImage.reference } }],
      },
    },
  },
});

/** @param {import('../api/client.mjs').ApiClient} client @param {string} name @param {readonly string[]} phases */
export async function untilPhase(client, name, phases, withinMs = 120_000) {
  let last = 'none';
  try {
    return await until(
      'the guest',
      async () => {
        const { items } = await client.json('GET', `${vmiPath()}?fieldSelector=metadata.name%3D${name}`);
        last = JSON.stringify(items[0]?.status ?? 'no VirtualMachineInstance');
        return phases.includes(items[0]?.status?.phase) && items[0];
      },
      { withinMs, everyMs: 100 },
    );
  } catch (error) {
    throw new Error(`${name} is not ${phases.join(' or ')}: ${last.slice(0, 1500)}`, { cause: error });
  }
}

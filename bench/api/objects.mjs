// What is written to the server. The VirtualMachine is the size and shape of one that a console's wizard makes from a template.

export const virtualMachines = (namespace) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;
export const configMaps = (namespace) => `/api/v1/namespaces/${namespace}/configmaps`;

const userData = `#cloud-config
user: operator
password: only-for-measuring
chpasswd: { expire: false }
ssh_authorized_keys:
  - ssh-rsa ${'AAAAB3NzaC1yc2EAAAADAQABAAABgQ'.repeat(6)} operator@bench
write_files:
  - path: /etc/motd
    content: made by a load generator
runcmd:
  - [systemctl, enable, --now, qemu-guest-agent]
`;

/** 2.9 KB as JSON; never started. @param {string} name */
export function virtualMachine(name) {
  const disk = (disk, more) => ({ name: disk, disk: { bus: 'virtio' }, ...more });
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      labels: {
        app: name,
        'vm.kubevirt.io/template': 'rhel9-server-medium',
        'vm.kubevirt.io/template.namespace': 'openshift',
        'vm.kubevirt.io/template.revision': '1',
        'vm.kubevirt.io/template.version': 'v0.26.0',
      },
      annotations: {
        'openshift.io/display-name': 'A virtual machine that is measured, not run',
        'vm.kubevirt.io/validations': JSON.stringify([
          {
            name: 'minimal-required-memory',
            path: 'jsonpath::.spec.domain.memory.guest',
            rule: 'integer',
            message: 'This VM requires more memory.',
            min: 1610612736,
          },
        ]),
      },
    },
    spec: {
      runStrategy: 'Halted',
      dataVolumeTemplates: [
        {
          apiVersion: 'cdi.kubevirt.io/v1beta1',
          kind: 'DataVolume',
          metadata: { name: `${name}-root` },
          spec: {
            sourceRef: { kind: 'DataSource', name: 'rhel9', namespace: 'openshift-virtualization-os-images' },
            storage: { resources: { requests: { storage: '30Gi' } } },
          },
        },
      ],
      template: {
        metadata: {
          labels: { 'kubevirt.io/domain': name, 'kubevirt.io/size': 'medium', app: name },
          annotations: {
            'vm.kubevirt.io/os': 'rhel9',
            'vm.kubevirt.io/workload': 'server',
            'vm.kubevirt.io/flavor': 'medium',
          },
        },
        spec: {
          architecture: 'amd64',
          domain: {
            cpu: { cores: 2, sockets: 1, threads: 1 },
            memory: { guest: '4Gi' },
            features: { acpi: {}, smm: { enabled: true } },
            firmware: { bootloader: { efi: { secureBoot: false } } },
            devices: {
              disks: [disk('root', { bootOrder: 1 }), disk('seed'), disk('scratch', { serial: 'SCRATCH01' })],
              interfaces: [
                {
                  name: 'default',
                  masquerade: {},
                  model: 'virtio',
                  ports: [{ name: 'ssh', port: 22, protocol: 'TCP' }],
                },
                { name: 'storage', bridge: {}, model: 'virtio', macAddress: '02:76:70:00:00:01' },
              ],
              networkInterfaceMultiqueue: true,
              rng: {},
            },
          },
          evictionStrategy: 'LiveMigrate',
          terminationGracePeriodSeconds: 180,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'virtual-machines', effect: 'NoSchedule' }],
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 100,
                  podAffinityTerm: {
                    labelSelector: { matchLabels: { app: name } },
                    topologyKey: 'kubernetes.io/hostname',
                  },
                },
              ],
            },
          },
          networks: [
            { name: 'default', pod: {} },
            { name: 'storage', multus: { networkName: 'storage-network' } },
          ],
          volumes: [
            { name: 'root', dataVolume: { name: `${name}-root` } },
            { name: 'seed', cloudInitNoCloud: { userData } },
            { name: 'scratch', emptyDisk: { capacity: '1Gi' } },
          ],
        },
      },
    },
  };
}

/** @param {string} name @param {number} bytes of the whole object as JSON */
export function configMap(name, bytes) {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { purpose: 'measured' } },
    data: { text: '' },
  };
  object.data.text = 'one key=value and some words; '
    .repeat(Math.ceil(bytes / 30))
    .slice(0, bytes - JSON.stringify(object).length);
  return object;
}

import type { VirtualMachineInstance } from '@virtplane/resources';
import { describe, expect, test } from 'vitest';
import { type ControllerConfig, controllerConfig } from '../config.ts';
import type { DomainSpec, InstanceSpec } from '../instance-types.ts';
import { memoryOverheadBytes } from './overhead.ts';
import { renderLauncherPod } from './render.ts';

const defaults = controllerConfig(undefined);

function instance(domain: Partial<DomainSpec>, spec: Partial<InstanceSpec> = {}): VirtualMachineInstance {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name: 'vm1', namespace: 'ns', uid: 'u-1', labels: { team: 'a' }, annotations: { note: 'x' } },
    spec: {
      ...spec,
      domain: { devices: {}, cpu: { cores: 1, sockets: 1, threads: 1 }, ...domain },
    },
  };
}

const render = (vmi: VirtualMachineInstance, config: ControllerConfig = defaults) =>
  renderLauncherPod(vmi, { config, launcherImage: 'virtplane.io/virt-launcher:v1' });

const compute = (vmi: VirtualMachineInstance, config?: ControllerConfig) =>
  render(vmi, config).spec?.containers[0]?.resources ?? {};

const memory = (request: string, limit?: string): Partial<DomainSpec> => ({
  resources: { requests: { memory: request }, ...(limit && { limits: { memory: limit } }) },
});

describe('memory of the compute container', () => {
  test.each([
    ['128Mi', '256Mi', '379136Ki', '510208Ki'],
    ['64Mi', undefined, '313472Ki', undefined],
    ['1Gi', undefined, '1268Mi', undefined],
    ['1G', '2G', '1255708517', '2255708517'],
  ])('request %s, limit %s', (request, limit, podRequest, podLimit) => {
    const { requests, limits } = compute(instance(memory(request, limit)));
    expect(requests?.memory).toBe(podRequest);
    expect(limits?.memory).toBe(podLimit);
  });

  test('overcommitGuestOverhead leaves the request alone', () => {
    const domain = memory('1G', '2G');
    const { requests, limits } = compute(
      instance({ resources: { ...domain.resources, overcommitGuestOverhead: true } }),
    );
    expect([requests?.memory, limits?.memory]).toEqual(['1G', '2255708517']);
  });

  test.each([
    [undefined, '334657608'],
    [false, '317880392'],
  ])('three CPUs, graphics %s', (autoattachGraphicsDevice, expected) => {
    const devices = autoattachGraphicsDevice === undefined ? {} : { autoattachGraphicsDevice };
    const vmi = instance({ ...memory('64M'), cpu: { cores: 3, sockets: 1, threads: 1 }, devices });
    expect(compute(vmi).requests?.memory).toBe(expected);
    expect(compute(vmi).requests?.cpu).toBe('300m');
  });

  test.each([
    ['4Gi', '1Gi', '262144001'],
    ['64Mi', '2Mi', '253886464'],
  ])('%s in huge pages of %s', (request, pageSize, expected) => {
    const { requests, limits } = compute(instance({ ...memory(request), memory: { hugepages: { pageSize } } }));
    expect(Number(requests?.memory?.replace('Ki', '')) * (requests?.memory?.endsWith('Ki') ? 1024 : 1)).toBe(
      Number(expected),
    );
    expect(requests?.[`hugepages-${pageSize}`]).toBe(request);
    expect(limits?.[`hugepages-${pageSize}`]).toBe(request);
    expect(limits?.memory).toBeUndefined();
  });

  test('overhead of 128Mi', () => {
    expect(memoryOverheadBytes(instance(memory('128Mi')).spec, 134_217_728n)).toBe(254_017_536n);
  });

  test('a configured ratio raises it', () => {
    const plain = memoryOverheadBytes(instance({}).spec, 0n);
    expect(memoryOverheadBytes(instance({}).spec, 0n, 2)).toBe(plain + 1000n * ((plain + 999n) / 1000n));
  });
});

describe('dedicated CPUs', () => {
  test.each([
    [1, false, '1', '1268Mi'],
    [2, false, '2', '1276Mi'],
    [1, true, '2', '1268Mi'],
  ])('%i cores, isolated emulator %s', (cores, isolateEmulatorThread, cpu, expected) => {
    const vmi = instance({
      ...memory('1Gi'),
      cpu: { cores, sockets: 1, threads: 1, dedicatedCpuPlacement: true, isolateEmulatorThread },
    });
    const { requests, limits } = compute(vmi);
    expect([requests?.cpu, limits?.cpu, requests?.memory, limits?.memory]).toEqual([cpu, cpu, expected, expected]);
    expect(render(vmi).spec?.nodeSelector?.cpumanager).toBe('true');
  });
});

describe('devices', () => {
  const nic = { devices: { interfaces: [{ name: 'default', masquerade: {} }] } };
  test('with KVM', () => {
    const limits = compute(
      instance({ ...memory('64Mi'), ...nic }, { networks: [{ name: 'default', pod: {} }] }),
    ).limits;
    expect(Object.keys(limits ?? {}).sort()).toEqual([
      'devices.kubevirt.io/kvm',
      'devices.kubevirt.io/tun',
      'devices.kubevirt.io/vhost-net',
    ]);
  });
  test('under emulation', () => {
    const limits = compute(instance({ ...memory('64Mi'), ...nic }), { ...defaults, useEmulation: true }).limits;
    expect(limits).toEqual({ 'devices.kubevirt.io/tun': '1' });
  });
});

describe('the pod', () => {
  const vmi = instance(
    {
      ...memory('64Mi'),
      cpu: {
        cores: 1,
        model: 'Conroe',
        features: [
          { name: 'aes', policy: 'require' },
          { name: 'vmx', policy: 'forbid' },
        ],
      },
      devices: { interfaces: [{ name: 'pxe', bridge: {}, macAddress: 'de:00:00:00:00:de' }] },
    },
    {
      nodeSelector: { disk: 'ssd' },
      terminationGracePeriodSeconds: 5,
      networks: [{ name: 'pxe', multus: { networkName: 'pxe-net-conf' } }],
      volumes: [
        { name: 'root', containerDisk: { image: 'r.io/img:1', imagePullSecret: 's' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
        { name: 'init', cloudInitNoCloud: { secretRef: { name: 'u' } } },
      ],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              { matchExpressions: [{ key: 'a', operator: 'Exists' }] },
              { matchExpressions: [{ key: 'b', operator: 'Exists' }] },
            ],
          },
        },
      },
    },
  );
  const pod = render(vmi);

  test('names, labels, owner', () => {
    expect(pod.metadata.generateName).toBe('virt-launcher-vm1-');
    expect(pod.metadata.labels).toEqual({
      team: 'a',
      'kubevirt.io': 'virt-launcher',
      'kubevirt.io/created-by': 'u-1',
      'vm.kubevirt.io/name': 'vm1',
    });
    expect(pod.metadata.ownerReferences).toEqual([
      {
        apiVersion: 'kubevirt.io/v1',
        kind: 'VirtualMachineInstance',
        name: 'vm1',
        uid: 'u-1',
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    expect(pod.metadata.annotations?.['k8s.v1.cni.cncf.io/networks']).toBe(
      '[{"interface":"net1","mac":"de:00:00:00:00:de","name":"pxe-net-conf","namespace":"ns"}]',
    );
  });

  test('placement', () => {
    expect(pod.spec?.nodeSelector).toEqual({
      'kubevirt.io/schedulable': 'true',
      disk: 'ssd',
      'cpu-model.node.kubevirt.io/Conroe': 'true',
      'cpu-feature.node.kubevirt.io/aes': 'true',
    });
    const terms =
      pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
    expect(terms.map((term) => term.matchExpressions?.at(-1))).toEqual([
      { key: 'cpu-feature.node.kubevirt.io/vmx', operator: 'DoesNotExist' },
      { key: 'cpu-feature.node.kubevirt.io/vmx', operator: 'DoesNotExist' },
    ]);
    expect(pod.spec?.terminationGracePeriodSeconds).toBe(35);
  });

  test('containers and volumes', () => {
    expect(pod.spec?.containers.map((c) => c.name)).toEqual(['compute', 'volumeroot']);
    expect(pod.spec?.initContainers?.map((c) => c.name)).toEqual(['container-disk-binary', 'volumeroot-init']);
    expect(pod.spec?.containers[1]?.resources).toEqual({
      requests: { cpu: '10m', memory: '1M', 'ephemeral-storage': '50M' },
      limits: { cpu: '100m', memory: '40M' },
    });
    expect(pod.spec?.volumes?.map((v) => v.name)).toEqual(['data', 'init-udata']);
    expect(pod.spec?.imagePullSecrets).toEqual([{ name: 's' }]);
  });

  test('a Guaranteed instance keeps its class in every container', () => {
    const guaranteed = instance(
      { resources: { requests: { cpu: '1', memory: '1G' }, limits: { cpu: '1', memory: '1G' } } },
      { volumes: [{ name: 'root', containerDisk: { image: 'i' } }] },
    );
    expect(render(guaranteed).spec?.containers[1]?.resources).toEqual({
      requests: { cpu: '10m', memory: '40M', 'ephemeral-storage': '50M' },
      limits: { cpu: '10m', memory: '40M' },
    });
  });
});

import { expectTypeOf, test } from 'vitest';
import { type ObjectMeta, Pod, VirtualMachine, type VirtualMachineInstanceSpec } from './index.ts';

test('kinds are value and type of one name', () => {
  const pod: Pod = {
    metadata: { name: 'web', namespace: 'demo' },
    spec: {
      containers: [{ name: 'c', image: 'img', ports: [{ containerPort: 80 }], resources: { requests: { cpu: '1' } } }],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
  };
  const vm: VirtualMachine = {
    metadata: { name: 'fedora' },
    spec: {
      running: true,
      template: {
        spec: { domain: { cpu: { cores: 2 }, devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }] } } },
      },
    },
  };
  expectTypeOf(pod.spec.containers[0]!.ports![0]!.containerPort).toEqualTypeOf<number>();
  expectTypeOf(pod.metadata).toEqualTypeOf<ObjectMeta>();
  expectTypeOf(vm.spec.template!.spec!).toEqualTypeOf<VirtualMachineInstanceSpec>();
  expectTypeOf(vm.spec.template!.spec!.domain!.cpu!.cores).toEqualTypeOf<number | undefined>();
  expectTypeOf(Pod.$type!).toEqualTypeOf<Pod>();
  expectTypeOf(VirtualMachine.$type!).toEqualTypeOf<VirtualMachine>();
  // @ts-expect-error a container needs a name
  pod.spec.containers.push({ image: 'x' });
  // @ts-expect-error unknown members are refused
  vm.spec.runing = true;
});

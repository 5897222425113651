// What Kubernetes itself needed for the same operations. These are measured values of another program, kept as data because
// that program cannot be installed from the package registries.

export const origin =
  'kube-apiserver 1.25 + etcd 3.4 (one member, fsync on), kube-scheduler and kube-controller-manager of the same version, on ' +
  '2 cores of the same kind of machine, the load generator on the same two cores; CPU is that of API server and etcd together';

/** By figure; the unit is the figure's own. */
export const references = {
  'start.empty': 2850,
  // With 17 CustomResourceDefinitions and nothing else stored.
  'start.full': 3670,
  // Four processes, without KubeVirt, whose own components ask for 2.5 GiB more.
  'idle.memory': 446,
  'idle.cpu': 2,
  // What KubeVirt reserves for the launcher of each guest, MB.
  'memory.per-vm': 210,
  'create-vm.64.cpu': 5.7,
  'create-vm.64.rate': 326,
  'create-vm.1.p50': 4.6,
  'create-vm.1.rate': 197,
  'create-configmap.64.cpu': 0.8,
  'create-configmap.64.rate': 1845,
  'get-vm.16.cpu': 2.2,
  'get-vm.16.rate': 784,
  'patch-vm.16.cpu': 8.7,
  'patch-vm.16.rate': 205,
  'list-vm.cpu': 11,
  // The better of the two ends of 7.6 … 11.6 s.
  'list-vm.seconds': 7.6,
  'watch.delay-p99': 12,
  'watch.cpu': 4.4,
  'memory.10000': 502,
};

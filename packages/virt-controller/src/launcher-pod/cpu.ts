import type { DomainSpec } from '../instance-types.ts';

/** Virtual CPUs: the product of what is set of cores, sockets and threads; 0 when none is. */
export function virtualCpus(cpu: DomainSpec['cpu']): number {
  const { cores = 0, sockets = 0, threads = 0 } = cpu ?? {};
  if (!cores && !sockets && !threads) return 0;
  return (cores || 1) * (sockets || 1) * (threads || 1);
}

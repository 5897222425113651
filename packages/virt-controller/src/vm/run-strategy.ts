import type { VirtualMachine } from '@virtplane/resources';

export type RunStrategy = 'Always' | 'Halted' | 'Manual' | 'RerunOnFailure' | 'Once';

/** `running: true` is Always, `false` Halted; else what `runStrategy` says. */
export function runStrategyOf(vm: VirtualMachine): RunStrategy {
  if (vm.spec.running !== undefined) return vm.spec.running ? 'Always' : 'Halted';
  return (vm.spec.runStrategy as RunStrategy | undefined) ?? 'Halted';
}

import type { Clock } from '@virtplane/runtime';
import { type AgentCommand, agentPolls, firstPollMs } from './guest-agent.ts';

/**
 * Asks one guest's agent now, after 10 s, and then at doubling distances up to each command's interval. A command that fails
 * is asked again at its next turn; a guest that does not answer costs one call at a time.
 */
export class AgentPoller {
  readonly #cancels = new Set<() => void>();
  #stopped = false;
  #line: Promise<void> = Promise.resolve();

  constructor(clock: Clock, ask: (command: AgentCommand) => Promise<void>) {
    for (const { command, intervalMs } of agentPolls) {
      const turn = (nextMs: number): void => {
        if (this.#stopped) return;
        this.#line = this.#line.then(async () => {
          if (this.#stopped) return;
          await ask(command);
          const cancel = clock.after(nextMs, () => {
            this.#cancels.delete(cancel);
            turn(Math.min(nextMs * 2, intervalMs));
          });
          this.#cancels.add(cancel);
        });
      };
      turn(Math.min(firstPollMs, intervalMs));
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}

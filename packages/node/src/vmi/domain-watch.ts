import { type DomainEvent, type DomainState, type LibvirtConnection, subscribeDomainEvents } from '@virtplane/libvirt';
import type { Clock, Logger } from '@virtplane/runtime';
import type { Libvirtd } from '../hypervisor/index.ts';
import { errorText } from '../images/errors.ts';

export interface DomainWatchOptions {
  readonly libvirtd: Libvirtd;
  readonly clock: Clock;
  readonly log: Logger;
  /** After each (re)connection: events were missed, every guest has to be looked at. */
  onConnected(connection: LibvirtConnection): Promise<void>;
  onEvent(event: DomainEvent): Promise<void>;
}

const firstDelayMs = 50;
const longestDelayMs = 5_000;

/** libvirt's events for as long as the agent runs: reconnects with growing delays. */
export class DomainWatch {
  readonly #options: DomainWatchOptions;
  readonly #ended: Promise<void>;
  #stopped = false;
  #close: () => void = () => undefined;

  constructor(options: DomainWatchOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#close();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { libvirtd, clock, log, onConnected, onEvent } = this.#options;
    let delayMs = firstDelayMs;
    while (!this.#stopped) {
      try {
        const connection = await libvirtd.connect();
        const stream = await subscribeDomainEvents(connection);
        this.#close = () => stream.close();
        if (this.#stopped) return stream.close();
        await onConnected(connection);
        delayMs = firstDelayMs;
        for await (const event of stream) await onEvent(event);
      } catch (error) {
        if (!this.#stopped)
          log.warn('the connection to libvirt is lost; guests run on, connecting again', { error: errorText(error) });
      }
      if (this.#stopped) return;
      const wait = delayMs;
      await new Promise<void>((resolve) => {
        this.#close = resolve;
        clock.after(wait, resolve);
      });
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    }
  }
}

const stopReasons: Readonly<Record<string, DomainState>> = {
  shutdown: { state: 'shutoff', reason: 'shutdown' },
  destroyed: { state: 'shutoff', reason: 'destroyed' },
  crashed: { state: 'shutoff', reason: 'crashed' },
  migrated: { state: 'shutoff', reason: 'migrated' },
  saved: { state: 'shutoff', reason: 'saved' },
  failed: { state: 'shutoff', reason: 'failed' },
  fromSnapshot: { state: 'shutoff', reason: 'fromSnapshot' },
};

/** How a domain ended, of an event that says that it did. */
export function stopOf(event: DomainEvent): DomainState | undefined {
  if (event.kind !== 'lifecycle') return undefined;
  if (event.event === 'stopped') return stopReasons[event.detail] ?? { state: 'shutoff', reason: 'unknown' };
  return event.event === 'crashed' ? { state: 'crashed', reason: 'panicked' } : undefined;
}

import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@virtplane/runtime';
import type { Libvirtd } from '../hypervisor/index.ts';
import type { StreamServer } from '../streams/server.ts';

export interface UpkeepOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly libvirtd: Pick<Libvirtd, 'trimSerialLog'>;
  readonly streams: Pick<StreamServer, 'renew'>;
  /** UIDs of the guests that are here. */
  guests(): readonly string[];
  /** PEM files of the stream server, and what it serves with now. */
  readonly serving: { readonly certificate: string; readonly key: string; readonly current: string };
}

const everyMs = 30_000;
/** Some hundred thousand lines; a guest that writes faster only loses them sooner. */
const maxSerialLogBytes = 16 * 2 ** 20;

/** What a node agent looks after now and then: console records that grow, a serving certificate that was renewed. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #served: string;
  #cancel: () => void;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#served = options.serving.current;
    this.#cancel = this.#next();
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  #next(): () => void {
    let stopped = false;
    const cancel = this.#options.clock.after(everyMs, () => {
      void this.#turn().finally(() => {
        if (!stopped) this.#cancel = this.#next();
      });
    });
    return () => {
      stopped = true;
      cancel();
    };
  }

  async #turn(): Promise<void> {
    const { libvirtd, log, guests } = this.#options;
    for (const uid of guests()) {
      await libvirtd
        .trimSerialLog(uid, maxSerialLogBytes)
        .catch((error: unknown) => log.warn('the record of a serial console could not be trimmed', { uid, error }));
    }
    await this.#renewCertificate().catch((error: unknown) =>
      log.warn('the renewed serving certificate cannot be used; the old one stays', { error }),
    );
  }

  async #renewCertificate(): Promise<void> {
    const { serving, streams, log } = this.#options;
    const certificate = await readFile(serving.certificate, 'utf8');
    if (certificate === this.#served) return;
    // The key is written first: whoever sees the new certificate finds its key.
    streams.renew(certificate, await readFile(serving.key, 'utf8'));
    this.#served = certificate;
    log.info('the stream server uses its renewed certificate');
  }
}

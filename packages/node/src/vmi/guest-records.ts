import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { type GuestRecord, parseGuestRecord } from './guest-record.ts';

/** The records of this node's guests: in memory, and on disk before anybody acts on them. */
export class GuestRecords {
  readonly #host: Host;
  readonly #directory: string;
  readonly #records = new Map<string, GuestRecord>();

  constructor(host: Host, directory: string) {
    this.#host = host;
    this.#directory = directory;
  }

  /** Reads what an earlier agent left. Returns names of files that are no records (they are ignored). */
  async load(): Promise<string[]> {
    await this.#host.makeDirectory(this.#directory, { mode: 0o755 });
    const strange: string[] = [];
    for (const name of await this.#host.list(this.#directory)) {
      if (!name.endsWith('.json')) continue;
      const record = parseGuestRecord((await this.#host.readTextIfExists(join(this.#directory, name))) ?? '');
      if (record && name === `${record.uid}.json`) this.#records.set(record.uid, record);
      else strange.push(name);
    }
    return strange;
  }

  get(uid: string): GuestRecord | undefined {
    return this.#records.get(uid);
  }

  all(): GuestRecord[] {
    return [...this.#records.values()];
  }

  ofPod(podUid: string): GuestRecord | undefined {
    for (const record of this.#records.values()) if (record.podUid === podUid) return record;
    return undefined;
  }

  async put(record: GuestRecord): Promise<GuestRecord> {
    this.#records.set(record.uid, record);
    await this.#host.writeText(this.#path(record.uid), `${JSON.stringify(record)}\n`, { mode: 0o600 });
    return record;
  }

  async change(uid: string, changes: Partial<GuestRecord>): Promise<GuestRecord | undefined> {
    const record = this.#records.get(uid);
    return record && this.put({ ...record, ...changes });
  }

  async remove(uid: string): Promise<void> {
    await this.#host.remove(this.#path(uid));
    this.#records.delete(uid);
  }

  /** Where the guest's disks are; traversable for the QEMU user. */
  directoryOf(uid: string): string {
    return join(this.#directory, this.#checked(uid));
  }

  #path(uid: string): string {
    return join(this.#directory, `${this.#checked(uid)}.json`);
  }

  #checked(uid: string): string {
    if (!/^[A-Za-z0-9-]+$/.test(uid)) throw new Error(`"${uid}" is not a UID`);
    return uid;
  }
}

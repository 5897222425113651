import type { SerialConsole } from './serial-console.ts';

/** A guest on this node, as streams and verbs see it. */
export interface GuestEndpoint {
  readonly uid: string;
  /** VMI phase. */
  readonly phase: string;
  readonly paused: boolean;
  readonly serial?: SerialConsole;
  readonly vncSocketPath?: string;
  /** `status.interfaces[0].ipAddress`. */
  readonly ipAddress?: string;
  readonly hasInterfaces: boolean;
}

export const guestVerbs = ['pause', 'unpause', 'softreboot', 'reset', 'freeze', 'unfreeze'] as const;
export type GuestVerb = (typeof guestVerbs)[number];

export const guestReports = ['guestosinfo', 'userlist', 'filesystemlist'] as const;
export type GuestReport = (typeof guestReports)[number];

/** What the node's stream server is given: the guests of this node. Refusals are thrown as StatusError. */
export interface GuestAccess {
  find(namespace: string, name: string): GuestEndpoint | undefined;
  /** `body`: parsed JSON of the request, `undefined` when empty. */
  act(namespace: string, name: string, verb: GuestVerb, body: unknown): Promise<void>;
  report(namespace: string, name: string, which: GuestReport): Promise<unknown>;
  /** PNG. `moveCursor`: nudge the pointer first, to wake a blanked screen. */
  screenshot(namespace: string, name: string, moveCursor: boolean): Promise<Buffer>;
  /** libvirt's/QEMU's log of the launcher's guest, newest last. `undefined`: no such pod here. */
  podLog(namespace: string, podName: string): Promise<string | undefined>;
}

/**
 * Taps under a libvirtd of the node: QEMU opens the tap in the node's namespace, where it is made, and keeps the open
 * descriptor when the tap moves into the pod's namespace. So: createTap, start the guest paused, moveTap, resume.
 */
import { createHash } from 'node:crypto';
import type { Host } from '../host/host.ts';
import { ipBatch } from './ip-command.ts';

/** What the names of all taps of one data directory begin with. */
export function tapPrefix(nodeKey: string): string {
  return `vt${nodeKey.slice(0, 5)}`;
}

/** A name that is unique on the machine and short enough (15 characters). */
export function tapName(nodeKey: string, vmiUid: string, interfaceName: string): string {
  const digest = createHash('sha256').update(`${vmiUid}/${interfaceName}`).digest('hex');
  return tapPrefix(nodeKey) + digest.slice(0, 8);
}

export interface TapOptions {
  name: string;
  /** Who may open it: the QEMU user. */
  uid: number;
  gid?: number;
  mtu?: number;
  /** For guests with several queues; QEMU can't open such a tap with one. */
  multiQueue?: boolean;
}

/** Makes the tap in the node's namespace; one that is left over is replaced. */
export async function createTap(host: Host, options: TapOptions): Promise<void> {
  const { name, uid, gid, mtu, multiQueue } = options;
  const add = ['tuntap', 'add', 'dev', name, 'mode', 'tap', 'user', String(uid)];
  if (gid !== undefined) add.push('group', String(gid));
  if (multiQueue) add.push('multi_queue');
  const commands = [add, ...(mtu === undefined ? [] : [['link', 'set', 'dev', name, 'mtu', String(mtu)]])];
  try {
    await ipBatch(host, commands);
  } catch (error) {
    if (!(await host.status(`/sys/class/net/${name}`))) throw error;
    await deleteTap(host, name);
    await ipBatch(host, commands);
  }
}

export interface MoveOptions {
  name: string;
  /** Name of the pod's network namespace. */
  netns: string;
  /** Its name there, e.g. `tap0`. */
  newName: string;
  /** The bridge in the pod that it joins. */
  bridge: string;
  mtu?: number;
}

/** Moves the tap of a paused guest into the pod and connects it. */
export async function moveTap(host: Host, options: MoveOptions): Promise<void> {
  const { name, netns, newName, bridge, mtu } = options;
  await ipBatch(host, [['link', 'set', 'dev', name, 'netns', netns, 'name', newName]]);
  const size = mtu === undefined ? [] : ['mtu', String(mtu)];
  await ipBatch(host, [['link', 'set', 'dev', newName, 'master', bridge, ...size, 'up']], { netns });
}

/** Removes a tap; nothing happens when it is not there. */
export async function deleteTap(host: Host, name: string, netns?: string): Promise<void> {
  await ipBatch(host, [['link', 'del', 'dev', name]], { force: true, ...(netns && { netns }) });
}

import type { Node } from '@virtplane/resources';
import { annotation } from '../names.ts';

/** A node agent that has been silent for this long is taken to be gone. */
export const HEARTBEAT_TIMEOUT_MS = 5 * 60_000;

/** When the node's agent will count as silent, in epoch milliseconds; `undefined` where none has ever run. */
export function silentFromMs(node: Node): number | undefined {
  const heartbeat = node.metadata.annotations?.[annotation.heartbeat];
  if (!heartbeat) return undefined;
  // Agents of KubeVirt write the time as a JSON string.
  const at = Date.parse(heartbeat.replaceAll('"', ''));
  return Number.isNaN(at) ? undefined : at + HEARTBEAT_TIMEOUT_MS;
}

export const isUnresponsive = (node: Node, nowMs: number): boolean => {
  const silent = silentFromMs(node);
  return silent !== undefined && silent <= nowMs;
};

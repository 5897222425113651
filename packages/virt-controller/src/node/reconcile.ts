import { Node } from '@virtplane/resources';
import type { Controller, ControllerContext } from '@virtplane/runtime';
import { COMPONENT, label } from '../names.ts';
import { silentFromMs } from './heartbeat.ts';

/** Keeps launcher pods off nodes whose agent has been silent for five minutes. The agent itself takes the mark off again. */
export function nodeController({ client, informers, clock, events }: ControllerContext): Controller {
  const nodes = informers(Node);
  const recorder = events(COMPONENT);
  return {
    name: 'node-heartbeat',
    for: Node,
    concurrency: 1,
    async reconcile(key) {
      const node = nodes.get(key);
      const silent = node && silentFromMs(node);
      if (!node || silent === undefined) return undefined;
      const leftMs = silent - clock.now();
      if (leftMs > 0) return { afterMs: leftMs };
      if (node.metadata.labels?.[label.schedulable] === 'false') return undefined;
      await client(Node).patch(key, 'merge', { metadata: { labels: { [label.schedulable]: 'false' } } });
      recorder.normal(node, 'NodeUnresponsive', 'virt-handler is not responsive, marking node as unresponsive');
      return undefined;
    },
  };
}

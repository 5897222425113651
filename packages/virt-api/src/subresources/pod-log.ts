import { refusal } from '@virtplane/runtime';
import { type NodeConnector, refusalOf } from './node-connector.ts';

/** Reads what a node's agent has kept of a launcher pod's output: the log of its guest's QEMU. Refusals are StatusErrors. */
export const podLogReader =
  (nodes: NodeConnector) =>
  async (node: string, namespace: string, pod: string): Promise<string> => {
    const path = `/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;
    const answer = await nodes.request(node, 'GET', path);
    if (answer.code === 404)
      throw refusal(
        404,
        'NotFound',
        `node "${node}" keeps no log of pod "${pod}": its guest has not started or is gone`,
      );
    if (answer.code >= 400) throw refusalOf(answer, node);
    return answer.body.toString('utf8');
  };

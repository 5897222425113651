import type { Pod } from '@virtplane/resources';
import { keyOf } from '../../cache/item.ts';
import { badRequest, methodNotAllowed, notFound } from '../../errors.ts';
import type { Operation } from '../context.ts';
import type { Outcome } from '../outcome.ts';

/** GET …/pods/<name>/log. Source: kubernetes pkg/registry/core/pod strategy LogLocation, for choice and texts. */
export async function podLog(operation: Operation): Promise<Outcome> {
  const { registry, request, state } = operation;
  if (registry.podLog === undefined) throw methodNotAllowed();
  const { namespace, name } = request.info;
  const pod = state.latest(keyOf(namespace, name))?.object as Pod | undefined;
  if (pod === undefined) throw notFound(state.name, name);
  const container = containerOf(pod, name, request.query.get('container') ?? '');
  const cut = cutOf(request.query, name, container);
  const node = pod.spec.nodeName ?? '';
  // Only a pod's first container, the guest's own, writes; and a pod that has no node yet has written nothing.
  const writes = pod.spec.containers[0]?.name === container && node !== '';
  return { kind: 'text', text: writes ? cut(await registry.podLog(node, namespace, name)) : '' };
}

function containerOf(pod: Pod, name: string, asked: string): string {
  const containers = pod.spec.containers.map((c) => c.name);
  const initial = (pod.spec.initContainers ?? []).map((c) => c.name);
  if (asked === '') {
    const [only, second] = containers;
    if (only !== undefined && second === undefined) return only;
    const or = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
    throw badRequest(
      `a container name must be specified for pod ${name}, choose one of: [${containers.join(' ')}]${or}`,
    );
  }
  if (!containers.includes(asked) && !initial.includes(asked))
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  return asked;
}

const isOn = (text: string | null): boolean => text !== null && text !== 'false' && text !== '0';

/** How much of the text is wanted. Throws StatusError 400 where the answer would not be what was asked for. */
export function cutOf(query: URLSearchParams, pod: string, container: string): (text: string) => string {
  if (isOn(query.get('previous')))
    throw badRequest(
      `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod)} not found`,
    );
  if (isOn(query.get('follow'))) throw badRequest('follow is not supported: ask again for what has been written since');
  for (const option of ['sinceSeconds', 'sinceTime', 'timestamps'])
    if (isOn(query.get(option))) throw badRequest(`${option} is not supported: the lines of this log carry no time`);
  const tailLines = wholeNumber(query, 'tailLines', 0);
  const limitBytes = wholeNumber(query, 'limitBytes', 1);
  return (text) => {
    const lines = tailLines === undefined ? text : lastLines(text, tailLines);
    return limitBytes === undefined ? lines : Buffer.from(lines).subarray(0, limitBytes).toString();
  };
}

function wholeNumber(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < least)
    throw badRequest(`${name}: Invalid value: ${JSON.stringify(text)}: must be a whole number, at least ${least}`);
  return value;
}

function lastLines(text: string, count: number): string {
  if (count === 0) return '';
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let left = count; left > 0 && at >= 0; left--) at = at === 0 ? -1 : text.lastIndexOf('\n', at - 1);
  return text.slice(at + 1);
}

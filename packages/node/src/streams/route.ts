import { type GuestReport, type GuestVerb, guestReports, guestVerbs } from './guest-access.ts';

export type Route =
  | { readonly to: 'console' | 'vnc'; readonly namespace: string; readonly name: string }
  | {
      readonly to: 'portforward';
      readonly namespace: string;
      readonly name: string;
      readonly port: number;
      readonly protocol: 'tcp' | 'udp';
    }
  | { readonly to: 'verb'; readonly namespace: string; readonly name: string; readonly verb: GuestVerb }
  | { readonly to: 'report'; readonly namespace: string; readonly name: string; readonly report: GuestReport }
  | { readonly to: 'screenshot'; readonly namespace: string; readonly name: string }
  | { readonly to: 'podLog'; readonly namespace: string; readonly name: string };

/**
 * `/v1/namespaces/NS/virtualmachineinstances/NAME/…` → what is meant; `undefined`: no such thing. Ports must be digits in
 * 1–65535, protocols tcp or udp.
 */
export function parseRoute(path: string): Route | undefined {
  let segments: string[];
  try {
    segments = path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
  const [version, namespaces, namespace, resource, name, what, ...rest] = segments;
  if (version !== 'v1' || namespaces !== 'namespaces' || !namespace || !name || !what) return undefined;
  const target = { namespace, name };
  if (resource === 'pods') return what === 'log' && rest.length === 0 ? { to: 'podLog', ...target } : undefined;
  if (resource !== 'virtualmachineinstances') return undefined;

  if (what === 'portforward') {
    const [portText = '', protocol = 'tcp', ...more] = rest;
    const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
    if (more.length > 0 || port < 1 || port > 65_535 || (protocol !== 'tcp' && protocol !== 'udp')) return undefined;
    return { to: 'portforward', ...target, port, protocol };
  }
  if (what === 'vnc' && rest.length === 1 && rest[0] === 'screenshot') return { to: 'screenshot', ...target };
  if (rest.length > 0) return undefined;
  if (what === 'console' || what === 'vnc') return { to: what, ...target };
  const verb = guestVerbs.find((v) => v === what);
  if (verb) return { to: 'verb', ...target, verb };
  const report = guestReports.find((r) => r === what);
  return report && { to: 'report', ...target, report };
}

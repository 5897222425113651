import { type Client, type ClusterConfig, createClient, HttpsTransport, loadKubeconfig } from '@virtplane/runtime';
import { stringFlag } from './command-line/command.ts';
import type { FlagValues } from './command-line/flags.ts';

export interface Session {
  readonly client: Client;
  readonly config: ClusterConfig;
  readonly namespace: string;
  close(): void;
}

export async function openSession(flags: FlagValues): Promise<Session> {
  const loaded = await loadKubeconfig({
    path: stringFlag(flags, 'kubeconfig'),
    context: stringFlag(flags, 'context'),
  });
  const server = stringFlag(flags, 'server');
  const config = server ? { ...loaded, server } : loaded;
  const transport = new HttpsTransport(config, {
    userAgent: 'virtctl',
    onWarning: (text) => process.stderr.write(`Warning: ${text}\n`),
  });
  return {
    client: createClient(transport),
    config,
    namespace: stringFlag(flags, 'namespace') ?? config.namespace,
    close: () => transport.close(),
  };
}

/** Runs one verb and closes the connection whatever happens. */
export async function withSession(flags: FlagValues, body: (session: Session) => Promise<number>): Promise<number> {
  const session = await openSession(flags);
  try {
    return await body(session);
  } finally {
    session.close();
  }
}

/** Path below subresources.kubevirt.io, each part encoded. */
export const subresourcePath = (
  namespace: string,
  resource: 'virtualmachines' | 'virtualmachineinstances',
  name: string,
  ...verb: readonly string[]
): string =>
  `/apis/subresources.kubevirt.io/v1/namespaces/${[namespace, resource, name, ...verb].map(encodeURIComponent).join('/')}`;

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Prints one line on stderr; the exit code of a failed verb. */
export function failed(line: string): number {
  process.stderr.write(`${line}\n`);
  return 1;
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

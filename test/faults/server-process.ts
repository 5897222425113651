import { once } from 'node:events';
import https from 'node:https';
import path from 'node:path';
import { loadKubeconfig } from '@virtplane/runtime';
import { start, top } from '../harness/virtplane.ts';

/** `virtplane server` alone, as a child of the test. */
export interface ServerProcess {
  readonly pid: number;
  readonly url: string;
  /** Everything it printed. */
  output(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

export async function startServer(
  dataDirectory: string,
  args: readonly string[] = ['--without-controllers', '--port', '0'],
): Promise<ServerProcess> {
  const child = start(path.join(top, 'bin/virtplane'), ['server', '--data', dataDirectory, ...args]);
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const ready = /"url":"(https:[^"]+)"/.exec(text.split('\n').find((line) => line.includes('"ready"')) ?? '');
      if (ready) resolve(ready[1] as string);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('exit', (code, signal) => reject(new Error(`virtplane server ended (${code ?? signal}): ${text}`)));
  });
  return {
    pid: child.pid as number,
    url,
    output: () => text,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Requests over one connection pool with the administrator's certificate, or with none. */
export class ApiCaller {
  readonly agent: https.Agent;
  readonly #url: URL;
  readonly #token: string | undefined;

  constructor(url: string, tls: https.AgentOptions, token?: string) {
    this.#url = new URL(url);
    this.#token = token;
    this.agent = new https.Agent({ ...tls, keepAlive: true, maxSockets: 16 });
  }

  static async administrator(dataDirectory: string, url: string): Promise<ApiCaller> {
    const config = await loadKubeconfig({ path: path.join(dataDirectory, 'admin.kubeconfig') });
    const { clientCertificate, clientKey } = await config.credentials.current();
    return new ApiCaller(url, {
      ...(config.certificateAuthority ? { ca: config.certificateAuthority } : {}),
      ...(clientCertificate ? { cert: clientCertificate } : {}),
      ...(clientKey ? { key: clientKey } : {}),
    });
  }

  request(
    method: string,
    target: string,
    body?: string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = https.request(
        {
          agent: this.agent,
          host: this.#url.hostname,
          port: this.#url.port,
          method,
          path: target,
          timeout: 20_000,
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('end', () =>
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
          response.once('error', reject);
        },
      );
      request.once('timeout', () => request.destroy(new Error(`${method} ${target} was not answered within 20 s`)));
      request.once('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

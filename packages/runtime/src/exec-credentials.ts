import { spawn } from 'node:child_process';
import type { Credential, CredentialSource } from './cluster-config.ts';

/** `users[].user.exec` of a kubeconfig. Source: client.authentication.k8s.io ExecConfig. */
export interface ExecConfig {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly provideClusterInfo?: boolean;
  readonly interactiveMode?: 'Never' | 'IfAvailable' | 'Always';
}

interface ExecCredentialStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  expirationTimestamp?: string;
}

const versions = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

/** Credentials printed by a plugin, kept until they expire or are refused. `cluster` goes to plugins that ask for it. */
export function execCredentials(config: ExecConfig, cluster: unknown, where: string): CredentialSource {
  let held: { readonly credential: Credential; readonly untilMs: number } | undefined;
  let running: Promise<Credential> | undefined;
  const run = async (): Promise<Credential> => {
    const status = await runPlugin(config, cluster, where);
    const credential: Credential = {
      ...(status.token && { token: status.token }),
      ...(status.clientCertificateData && { clientCertificate: status.clientCertificateData }),
      ...(status.clientKeyData && { clientKey: status.clientKeyData }),
    };
    const expires =
      status.expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(status.expirationTimestamp);
    held = { credential, untilMs: Number.isNaN(expires) ? 0 : expires };
    return credential;
  };
  return {
    current() {
      if (held && Date.now() < held.untilMs) return Promise.resolve(held.credential);
      running ??= run().finally(() => {
        running = undefined;
      });
      return running;
    },
    refused() {
      held = undefined;
    },
  };
}

async function runPlugin(config: ExecConfig, cluster: unknown, where: string): Promise<ExecCredentialStatus> {
  const apiVersion = config.apiVersion ?? '';
  if (!versions.includes(apiVersion))
    throw new Error(`${where}.exec.apiVersion is ${JSON.stringify(apiVersion)}; supported: ${versions.join(', ')}`);
  const interactive = process.stdin.isTTY === true && config.interactiveMode !== 'Never';
  if (config.interactiveMode === 'Always' && !interactive)
    throw new Error(`${where}.exec: ${config.command} must ask questions, but standard input is no terminal`);
  const info = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive, ...(config.provideClusterInfo && { cluster }) },
  };
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  for (const { name, value } of config.env ?? []) env[name] = value;
  const output = await new Promise<string>((resolve, reject) => {
    const child = spawn(config.command, config.args ?? [], {
      env,
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const hint = cause.code === 'ENOENT' ? ` ${config.installHint ?? 'Is it installed and on the PATH?'}` : '';
      reject(new Error(`${where}.exec: cannot run ${config.command}: ${cause.message}.${hint}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(new Error(`${where}.exec: ${config.command} failed with ${signal ?? `exit code ${code}`}`));
    });
  });
  let answer: { apiVersion?: string; kind?: string; status?: ExecCredentialStatus };
  try {
    answer = JSON.parse(output) as typeof answer;
  } catch (cause) {
    throw new Error(`${where}.exec: ${config.command} printed no JSON`, { cause });
  }
  if (answer.kind !== 'ExecCredential' || answer.apiVersion !== apiVersion)
    throw new Error(
      `${where}.exec: ${config.command} printed ${answer.apiVersion} ${answer.kind} instead of ${apiVersion} ExecCredential`,
    );
  const { status } = answer;
  if (!status?.token && !(status?.clientCertificateData && status.clientKeyData))
    throw new Error(`${where}.exec: ${config.command} printed neither a token nor a certificate with its key`);
  return status;
}

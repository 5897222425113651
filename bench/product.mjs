// One Virtplane for the measurement alone: own data directory, free port, nothing left behind.
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createClient } from './api/client.mjs';
import { readCredentials } from './api/credentials.mjs';
import { until } from './statistics.mjs';

export const top = path.dirname(import.meta.dirname);
export const command = path.join(top, 'bin/virtplane');
const probe = path.join(import.meta.dirname, 'event-loop-probe.mjs');

/** @type {Set<() => Promise<void>>} what must be undone when the run ends early */
const cleanups = new Set();

export async function cleanUpAll() {
  for (const cleanup of [...cleanups].reverse()) await cleanup();
}

/** Short, because unix socket paths below it are limited; every user may walk through it, because QEMU must. */
export function makeDataDirectory() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'vpb-'));
  fs.chmodSync(directory, 0o755);
  return directory;
}

/** @param {string} directory */
export const removeDirectory = (directory) => fs.rmSync(directory, { recursive: true, force: true });

/**
 * `virtplane server` in a process of its own.
 * @param {string} data
 * @param {{ controllers?: boolean, profile?: string, measureEventLoop?: boolean }} [options] `profile`: directory for CPU profiles
 */
export async function startServer(data, { controllers = false, profile, measureEventLoop = false } = {}) {
  const blockFile = path.join(data, 'event-loop-block');
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []),
      ...(measureEventLoop ? ['--import', probe] : []),
      command,
      'server',
      '--data',
      data,
      '--port',
      '0',
      ...(controllers ? [] : ['--without-controllers']),
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, VIRTPLANE_BENCH_BLOCK_FILE: blockFile },
    },
  );
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    lastWords = (lastWords + text).slice(-4000);
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    cleanups.delete(stop);
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(force);
  };
  cleanups.add(stop);
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`virtplane server ended with status ${code}:\n${lastWords}`)));
  });
  const credentials = readCredentials(path.join(data, 'admin.kubeconfig'));
  await isReady(credentials);
  return {
    /** @type {number} */
    pid: /** @type {number} */ (child.pid),
    credentials,
    /** From before the process was made until `/readyz` was answered with 200. */
    readyMs: performance.now() - startedAt,
    stop,
    /** Longest time since the last call that the event loop did not turn, ms. */
    async longestBlockMs() {
      fs.rmSync(blockFile, { force: true });
      child.kill('SIGUSR2');
      const text = await until(
        'the event-loop probe',
        () => fs.existsSync(blockFile) && fs.readFileSync(blockFile, 'utf8'),
      );
      return Number(text);
    },
  };
}

async function isReady(credentials) {
  const client = createClient(credentials, { protocol: 'h1', connections: 1 });
  const { status } = await client.request('GET', '/readyz');
  client.close();
  if (status !== 200) throw new Error(`/readyz answered ${status} after the server said that it is ready`);
}

/** @param {readonly string[]} args @param {{ timeoutMs?: number }} [options] */
export async function virtplane(args, { timeoutMs = 120_000 } = {}) {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`virtplane ${args.join(' ')} ended with status ${code}: ${stderr || stdout}`);
  return stdout;
}

/**
 * `virtplane up --detach`; `upMs` is the time until it has returned and the API says that the node is Ready.
 * @param {string} data
 */
export async function up(data) {
  const stop = async () => {
    cleanups.delete(stop);
    await virtplane(['down', '--data', data, '--grace-period', '2']);
  };
  cleanups.add(stop);
  const startedAt = performance.now();
  await virtplane(['up', '--detach', '--data', data, '--port', '0']).catch((error) => {
    throw new Error([error.message, ...['server', 'node'].map((part) => logTail(data, part))].join('\n'));
  });
  const credentials = readCredentials(path.join(data, 'admin.kubeconfig'));
  const client = createClient(credentials, { protocol: 'h1', connections: 2 });
  await until('a Ready node', async () => {
    const { items = [] } = await client.json('GET', '/api/v1/nodes');
    return items.some((node) => node.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
  });
  const upMs = performance.now() - startedAt;
  client.close();
  const { parts } = JSON.parse(await virtplane(['status', '--data', data, '-o', 'json']));
  const pids = { server: parts.server.pid, node: parts.node.pid, up: parts.up.pid };
  return { data, credentials, upMs, pids, stop };
}

/** @param {string} data @param {string} part */
export function logTail(data, part) {
  const file = path.join(data, 'log', `${part}.log`);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').slice(-2000) : '';
}

export const guestImage = { layout: path.join(top, '.cache/guest/oci'), reference: 'localhost/virtplane/guest:1' };

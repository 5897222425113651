import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommandFailedError, CommandMissingError, CommandTimeoutError, runChecked } from './host.ts';
import { openLocalHost } from './local-host.ts';

const host = openLocalHost();
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vp-host-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('commands', () => {
  test('give output, exit code, and take input and environment', async () => {
    expect(await host.run('cat', [], { input: 'héllo' })).toEqual({ stdout: 'héllo', stderr: '', code: 0 });
    expect((await host.run('env', [], { env: { A: 'b c' } })).stdout).toContain('A=b c\n');
    expect((await host.run('false', [])).code).toBe(1);
  });

  test('never see our own environment', async () => {
    process.env.VIRTPLANE_SECRET_FOR_TEST = 'x';
    expect((await host.run('env', [])).stdout).not.toContain('VIRTPLANE_SECRET_FOR_TEST');
    delete process.env.VIRTPLANE_SECRET_FOR_TEST;
  });

  test('take arguments as they are, without a shell', async () => {
    expect((await host.run('echo', ['$(id)', '; rm -rf /', '*'])).stdout).toBe('$(id) ; rm -rf / *\n');
  });

  test('that fail, hang, flood or do not exist say so', async () => {
    await expect(runChecked(host, 'ls', ['/nonexistent'])).rejects.toBeInstanceOf(CommandFailedError);
    await expect(runChecked(host, 'ls', ['/nonexistent'])).rejects.toThrow(/"ls \/nonexistent" failed.*No such file/);
    await expect(host.run('sleep', ['60'], { timeoutMs: 30 })).rejects.toBeInstanceOf(CommandTimeoutError);
    await expect(host.run('yes', [], { maxOutputBytes: 1000 })).rejects.toThrow(/more than 1000 bytes/);
    await expect(host.run('no-such-command', [])).rejects.toBeInstanceOf(CommandMissingError);
    expect(new CommandMissingError('nft').message).toContain('package nftables');
    expect(new CommandMissingError('/usr/lib/cni/bridge').message).toContain('containernetworking-plugins');
  });

  test('a signal shows as a shell would show it', async () => {
    const started = await host.start('sleep', ['60']);
    expect(await host.commandLine(started.pid)).toEqual(['sleep', '60']);
    expect(host.kill(started.pid, 'SIGTERM')).toBe(true);
    expect(await started.exited).toBe(143);
    expect(await host.commandLine(started.pid)).toBeUndefined();
    expect(host.kill(started.pid, 0)).toBe(false);
  });

  test('a long-running one logs where it is told', async () => {
    const logFile = join(directory, 'log');
    await (await host.start('echo', ['hello'], { logFile })).exited;
    expect(await host.readText(logFile)).toBe('hello\n');
    expect((await host.status(logFile))?.mode).toBe(0o600);
    await expect(host.start('no-such-command', [])).rejects.toBeInstanceOf(CommandMissingError);
  });
});

describe('files', () => {
  test('are replaced whole, with their mode, and leave nothing half-written', async () => {
    const path = join(directory, 'secret');
    await host.writeText(path, 'one', { mode: 0o600 });
    await host.writeText(path, 'two', { mode: 0o600, durable: true });
    expect(await host.readText(path)).toBe('two');
    expect((await host.status(path))?.mode).toBe(0o600);
    await expect(host.writeText(join(directory, 'none', 'x'), 'y')).rejects.toThrow(/ENOENT/);
    expect((await host.list(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('that are absent are undefined, empty or already removed', async () => {
    const path = join(directory, 'absent');
    expect(await host.readTextIfExists(path)).toBeUndefined();
    expect(await host.readTextIfExists(join(directory, 'secret', 'below-a-file'))).toBeUndefined();
    expect(await host.list(path)).toEqual([]);
    expect(await host.status(path)).toBeUndefined();
    await host.remove(path);
  });
});

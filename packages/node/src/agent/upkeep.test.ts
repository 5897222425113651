import * as fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createManualClock } from '@virtplane/runtime/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Upkeep } from './upkeep.ts';

let directory: string;
beforeEach(async () => {
  directory = await fs.mkdtemp(path.join(os.tmpdir(), 'upkeep-'));
});
afterEach(() => fs.rm(directory, { recursive: true, force: true }));

test('trims what the guests of now have written and takes a renewed certificate once', async () => {
  const certificate = path.join(directory, 'a.crt');
  const key = path.join(directory, 'a.key');
  await fs.writeFile(certificate, 'old');
  await fs.writeFile(key, 'key');
  const clock = createManualClock();
  const trimmed: string[] = [];
  const renewed: string[] = [];
  let guests = ['a'];
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet, child: () => log };
  const upkeep = new Upkeep({
    clock,
    log,
    libvirtd: {
      trimSerialLog: async (uid) => {
        trimmed.push(uid);
        if (uid === 'a') throw new Error('gone');
      },
    },
    streams: { renew: (...pair) => void renewed.push(pair.join()) },
    guests: () => guests,
    serving: { certificate, key, current: 'old' },
  });
  const turn = async (): Promise<void> => {
    const before = trimmed.length;
    await vi.waitUntil(async () => {
      await clock.advance(30_000);
      return trimmed.length >= before + guests.length;
    });
  };
  await turn();
  expect(renewed).toEqual([]);
  // As the API server writes it: whole, or not at all.
  await fs.writeFile(`${certificate}.next`, 'new');
  await fs.rename(`${certificate}.next`, certificate);
  guests = ['a', 'b'];
  await turn();
  expect(trimmed.slice(-2)).toEqual(['a', 'b']);
  await vi.waitUntil(() => renewed.length > 0);
  await turn();
  expect(renewed).toEqual(['new,key']);
  upkeep.stop();
  const count = trimmed.length;
  await clock.advance(300_000);
  expect(trimmed).toHaveLength(count);
});

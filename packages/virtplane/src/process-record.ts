import * as fs from 'node:fs/promises';
import path from 'node:path';
import type { DataDirectory } from './data-directory.ts';

export type Part = 'up' | 'server' | 'node';

/** What a running part writes down about itself, so that other commands find it. */
export interface ProcessRecord {
  readonly pid: number;
  /** Start time from /proc, so that a recycled pid is not mistaken for ours. Clock ticks since boot. */
  readonly startTicks: string;
  readonly startedAt: string;
  /** Of the API or of the node's streams; absent while the part still starts. */
  readonly port?: number;
  readonly url?: string;
  readonly nodeName?: string;
}

const file = (data: DataDirectory, part: Part): string => path.join(data.run, `${part}.json`);

export async function writeRecord(data: DataDirectory, part: Part, more: Partial<ProcessRecord> = {}): Promise<void> {
  const record: ProcessRecord = {
    pid: process.pid,
    startTicks: (await startTicksOf(process.pid)) ?? '',
    startedAt: new Date().toISOString(),
    ...more,
  };
  const temporary = `${file(data, part)}.${process.pid}`;
  await fs.writeFile(temporary, JSON.stringify(record));
  await fs.rename(temporary, file(data, part));
}

export const removeRecord = (data: DataDirectory, part: Part): Promise<void> =>
  fs.rm(file(data, part), { force: true });

/** The record of a part that runs now; undefined when it does not (a record left by a crash counts as not). */
export async function runningRecord(data: DataDirectory, part: Part): Promise<ProcessRecord | undefined> {
  let text: string;
  try {
    text = await fs.readFile(file(data, part), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const record = parseRecord(text);
  return record && (await startTicksOf(record.pid)) === record.startTicks ? record : undefined;
}

/** A file that is not a record (a machine that lost power) stands for nothing that runs. */
function parseRecord(text: string): ProcessRecord | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isRecord =
      typeof value === 'object' &&
      value !== null &&
      'pid' in value &&
      'startTicks' in value &&
      Number.isInteger(value.pid) &&
      Number(value.pid) > 1 &&
      typeof value.startTicks === 'string' &&
      value.startTicks !== '';
    return isRecord ? (value as ProcessRecord) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function startTicksOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // No such process.
    return undefined;
  }
}

/** Sends the signal and waits until the process is gone. Returns false when it still runs after the time. */
export async function endProcess(record: ProcessRecord, signal: NodeJS.Signals, timeoutMs: number): Promise<boolean> {
  try {
    process.kill(record.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
  const until = Date.now() + timeoutMs;
  while ((await startTicksOf(record.pid)) === record.startTicks) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}

import { closeSync, constants, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from './store.ts';

const FILE = 'lock';

/** Start of a process in clock ticks since boot: with the pid it names one process, even after pids were used again. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19]; // a zombie has ended and holds nothing
  } catch {
    return undefined; // no such process
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

function holderOf(path: string): { pid: number; alive: boolean } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const [pidText, ticks, boot] = text.trim().split(' ');
  const pid = Number(pidText);
  // A file that was never finished: its writer died between creating and renaming it.
  if (!Number.isInteger(pid) || !ticks || !boot) return { pid: 0, alive: false };
  return { pid, alive: boot === bootId() && startTicks(pid) === ticks };
}

/**
 * Exclusive use of a data directory by one process; a lock whose holder is gone (crash, reboot) is taken over.
 * Returns: release. Throws StoreError `in-use`.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, FILE);
  const mine = `${process.pid} ${startTicks(process.pid)} ${bootId()}\n`;
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
      writeSync(fd, mine);
      fsyncSync(fd);
      closeSync(fd);
      return () => {
        if (readFileSync(path, 'utf8') === mine) unlinkSync(path);
      };
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const holder = holderOf(path);
    if (holder === undefined) continue;
    if (holder.alive)
      throw new StoreError(
        'in-use',
        `the data directory ${directory} is in use by process ${holder.pid}; stop that server first, or give this one another directory`,
      );
    // Renamed before it is removed: of two processes that find the same dead lock only one can rename it.
    const stale = `${path}.stale-${process.pid}`;
    try {
      renameSync(path, stale);
      unlinkSync(stale);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  throw new StoreError('in-use', `the lock ${path} changes hands all the time; is another server starting there?`);
}

import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file as a whole, readable by its owner only; after a crash either the old or the new content is there. */
export function writePrivateFile(path: string, content: string): void {
  makePrivateDirectory(dirname(path));
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    // A file left over by a crash keeps its old mode.
    chmodSync(temporary, 0o600);
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

export function makePrivateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** `undefined` when there is no such file. */
export function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** One sentence for a data directory that cannot be used. */
export function directoryFailure(path: string, error: NodeJS.ErrnoException): Error {
  const why =
    error.code === 'EACCES' || error.code === 'EPERM'
      ? 'this user may not write there: choose another directory or change its owner'
      : error.code === 'ENOTDIR' || error.code === 'EEXIST'
        ? 'a file is in the way: choose another directory'
        : error.code === 'EROFS'
          ? 'the file system is read-only: choose another directory'
          : error.code === 'ENOSPC'
            ? 'the file system has no space left: free some space'
            : error.message;
  return new Error(`the data directory ${path} cannot be used: ${why}`, { cause: error });
}

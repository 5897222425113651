import { statfsSync } from 'node:fs';
import { StoreError } from './store.ts';

/** Magic numbers of statfs(2). A memory-mapped database is not safe there: locks and page caches of several machines differ. */
const NETWORK_FILE_SYSTEMS = new Map<number, string>([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB2'],
  [0xff534d42, 'CIFS'],
  [0x01021997, '9p'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
]);

/** Name of the network file system that a statfs type stands for. */
export const networkFileSystem = (type: number): string | undefined => NETWORK_FILE_SYSTEMS.get(type >>> 0);

/** Throws StoreError `io` where the directory lies on a file system of another machine. */
export function refuseNetworkFileSystem(directory: string): void {
  const name = networkFileSystem(statfsSync(directory).type);
  if (name !== undefined)
    throw new StoreError(
      'io',
      `the data directory ${directory} lies on ${name}; a network file system can corrupt the database, choose a local disk`,
    );
}

/** Bytes that an unprivileged process can still write there. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

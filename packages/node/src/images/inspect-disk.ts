import { CommandFailedError, type Host } from '../host/host.ts';
import { ImageError } from './errors.ts';
import type { DiskInspector } from './image-store.ts';

const nobody = '65534';
const timeoutMs = 20_000;
const limits = ['--as=1073741824', '--cpu=10', '--nofile=64', '--fsize=0', '--core=0'];

/**
 * `qemu-img info` of an untrusted image: as nobody, with bounded memory, CPU time, files and output. The file and the
 * directories above it must be readable for everybody.
 */
export const diskInspector = (host: Host): DiskInspector => {
  const asNobody = host.privileged
    ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs']
    : [];
  return async (path) => {
    const args = [...limits, ...asNobody, 'qemu-img', 'info', '--output=json', path];
    const result = await host.run('prlimit', args, { timeoutMs, maxOutputBytes: 1 << 20 });
    if (result.code === 0) return result.stdout;
    // 126 and 127: a tool is missing or may not be run, which is this machine's fault and not the image's.
    if (result.code === 126 || result.code === 127) throw new CommandFailedError('prlimit', args, result);
    throw new ImageError('UnusableDisk', `the disk image cannot be read: ${result.stderr.trim().slice(0, 500)}`);
  };
};

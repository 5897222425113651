/**
 * Is KVM usable? Opening /dev/kvm proves nothing: there are machines (nested ones) where it opens, a few instructions
 * run, and yet every guest hangs. So a whole guest is run: SeaBIOS loads a 512-byte boot sector, which writes "KV" to the
 * serial port and ends QEMU through the debug-exit device.
 */
import { join } from 'node:path';
import type { Logger } from '@virtplane/runtime';
import { CommandMissingError, CommandTimeoutError, type Host } from '../host/host.ts';

export type Accelerator = 'kvm' | 'tcg';

export interface KvmProbeResult {
  usable: boolean;
  /** Why not, for people. */
  reason?: string;
}

/** mov dx,0x3f8; out 'K'; out 'V'; mov dx,0x501; out 0x10; hlt; jump back: as machine code, padded to a boot sector. */
export function bootSector(): Buffer {
  const sector = Buffer.alloc(512);
  sector.set([
    0xba, 0xf8, 0x03, 0xb0, 0x4b, 0xee, 0xb0, 0x56, 0xee, 0xba, 0x01, 0x05, 0xb0, 0x10, 0xee, 0xf4, 0xeb, 0xfd,
  ]);
  sector.set([0x55, 0xaa], 510);
  return sector;
}

/** The debug-exit device turns the written 0x10 into exit code (0x10 << 1) | 1. */
const provedExitCode = 33;

export interface ProbeOptions {
  emulator?: string;
  /** Directory for the boot sector and the serial output. */
  directory: string;
  timeoutMs?: number;
}

/** Runs the probe guest. Under TCG it takes 0.2 s, with a hanging KVM the whole time limit. */
export async function runProbeGuest(
  host: Host,
  accelerator: Accelerator,
  options: ProbeOptions,
): Promise<KvmProbeResult> {
  const { emulator = '/usr/bin/qemu-system-x86_64', directory, timeoutMs = 3000 } = options;
  await host.makeDirectory(directory);
  const sector = join(directory, `probe-${accelerator}.img`);
  await host.writeBytes(sector, bootSector());
  const args = [
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-accel',
    accelerator,
    '-machine',
    'pc',
    '-m',
    '16',
    '-device',
    'isa-debug-exit,iobase=0x501,iosize=1',
    '-drive',
    `if=floppy,format=raw,file=${sector.replaceAll(',', ',,')},readonly=on`,
    '-boot',
    'a',
    '-serial',
    'stdio',
    '-monitor',
    'none',
  ];
  try {
    const { code, stdout, stderr } = await host.run(emulator, args, { timeoutMs });
    if (code === provedExitCode && stdout.includes('KV')) return { usable: true };
    return { usable: false, reason: `the probe guest ended with exit code ${code}: ${stderr.trim().slice(0, 300)}` };
  } catch (error) {
    if (error instanceof CommandTimeoutError) {
      return { usable: false, reason: `the probe guest hung for ${timeoutMs} ms although /dev/kvm opens` };
    }
    if (error instanceof CommandMissingError) return { usable: false, reason: error.message };
    throw error;
  } finally {
    await host.remove(sector);
  }
}

export interface AcceleratorChoice {
  accelerator: Accelerator;
  /** Set when KVM was wanted (`auto`) and is not used. */
  reason?: string;
}

export class KvmUnusableError extends Error {
  override name = 'KvmUnusableError';
}

/**
 * `auto` proves KVM and falls back to TCG; the verdict is kept in `cacheFile` with the boot id and the emulator's
 * identity, so that only the first start after a boot or an upgrade pays for a hanging KVM.
 * @throws KvmUnusableError when `kvm` is demanded and cannot run a guest.
 */
export async function chooseAccelerator(
  host: Host,
  wanted: 'auto' | Accelerator,
  options: ProbeOptions & { log?: Logger },
): Promise<AcceleratorChoice> {
  if (wanted === 'tcg') return { accelerator: 'tcg' };
  const result = await cachedProbe(host, options);
  if (result.usable) return { accelerator: 'kvm' };
  const reason = result.reason ?? 'unknown reason';
  if (wanted === 'kvm') {
    throw new KvmUnusableError(`KVM cannot run guests on this machine: ${reason}. Use --accelerator tcg or auto.`);
  }
  options.log?.warn('KVM is not usable, guests run under emulation (TCG)', { reason });
  return { accelerator: 'tcg', reason };
}

async function cachedProbe(host: Host, options: ProbeOptions): Promise<KvmProbeResult> {
  if (!(await host.status('/dev/kvm'))) return { usable: false, reason: 'there is no /dev/kvm' };
  const { emulator = '/usr/bin/qemu-system-x86_64', directory } = options;
  const bootId = (await host.readTextIfExists('/proc/sys/kernel/random/boot_id'))?.trim() ?? '';
  const binary = await host.status(emulator);
  // Size and time of the binary stand for its version and cost no 50 ms of asking it.
  const identity = `${bootId} ${emulator} ${binary?.sizeBytes} ${binary?.modifiedMs}`;
  const cacheFile = join(directory, 'kvm-probe.json');
  const cached = parseCache(await host.readTextIfExists(cacheFile));
  if (cached?.identity === identity) return cached.result;
  const result = await runProbeGuest(host, 'kvm', options);
  await host.writeText(cacheFile, `${JSON.stringify({ identity, result })}\n`);
  return result;
}

function parseCache(text: string | undefined): { identity: string; result: KvmProbeResult } | undefined {
  if (!text) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('identity' in value) || !('result' in value)) return undefined;
    const { identity, result } = value;
    if (typeof identity !== 'string' || typeof result !== 'object' || result === null) return undefined;
    if (!('usable' in result) || typeof result.usable !== 'boolean') return undefined;
    const reason = 'reason' in result && typeof result.reason === 'string' ? result.reason : undefined;
    return { identity, result: { usable: result.usable, ...(reason === undefined ? {} : { reason }) } };
  } catch {
    // A torn or foreign file is as good as none: the probe is run again.
    return undefined;
  }
}

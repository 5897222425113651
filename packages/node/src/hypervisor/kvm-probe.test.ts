import { describe, expect, test } from 'vitest';
import { type CommandScript, CommandTimeoutError, FixtureHost } from '../host/index.ts';
import { bootSector, chooseAccelerator, KvmUnusableError } from './kvm-probe.ts';

const directory = '/state/probe';
const emulator = '/usr/bin/qemu-system-x86_64';

function machine(script: CommandScript, bootId = 'boot-1', withKvm = true): FixtureHost {
  const files: Record<string, string> = { '/proc/sys/kernel/random/boot_id': bootId, [emulator]: 'elf' };
  if (withKvm) files['/dev/kvm'] = '';
  return new FixtureHost({ files, script });
}

const works: CommandScript = () => ({ code: 33, stdout: 'KV' });
const hangs: CommandScript = ({ file, args }) => {
  throw new CommandTimeoutError(file, args, 3000);
};

test('the boot sector is one', () => {
  const sector = bootSector();
  expect(sector.length).toBe(512);
  expect(sector.readUInt16LE(510)).toBe(0xaa55);
});

describe('choosing the accelerator', () => {
  test('a guest that ran proves KVM', async () => {
    expect(await chooseAccelerator(machine(works), 'auto', { directory })).toEqual({ accelerator: 'kvm' });
  });

  test('a guest that hangs means emulation, and says why', async () => {
    const choice = await chooseAccelerator(machine(hangs), 'auto', { directory });
    expect(choice).toEqual({ accelerator: 'tcg', reason: 'the probe guest hung for 3000 ms although /dev/kvm opens' });
  });

  test.each<[string, CommandScript]>([
    ['the right exit without the letters', () => ({ code: 33, stdout: '' })],
    ['the letters without the exit', () => ({ code: 1, stdout: 'KV', stderr: 'boom' })],
    ['no emulator', () => undefined],
  ])('%s proves nothing', async (_name, script) => {
    expect((await chooseAccelerator(machine(script), 'auto', { directory })).accelerator).toBe('tcg');
  });

  test('KVM that is demanded and unusable is an error with a remedy', async () => {
    await expect(chooseAccelerator(machine(hangs), 'kvm', { directory })).rejects.toBeInstanceOf(KvmUnusableError);
    await expect(chooseAccelerator(machine(works, 'b', false), 'kvm', { directory })).rejects.toThrow(
      /there is no \/dev\/kvm.*--accelerator tcg/,
    );
  });

  test('emulation that is asked for runs no probe', async () => {
    const host = machine(works);
    expect(await chooseAccelerator(host, 'tcg', { directory })).toEqual({ accelerator: 'tcg' });
    expect(host.commands).toEqual([]);
  });

  test('one probe a boot and emulator; a damaged memory is no memory', async () => {
    const host = machine(works);
    await chooseAccelerator(host, 'auto', { directory });
    await chooseAccelerator(host, 'auto', { directory });
    expect(host.commands).toHaveLength(1);
    host.files.set('/proc/sys/kernel/random/boot_id', 'boot-2');
    await chooseAccelerator(host, 'auto', { directory });
    expect(host.commands).toHaveLength(2);
    host.files.set(emulator, 'another build');
    await chooseAccelerator(host, 'auto', { directory });
    expect(host.commands).toHaveLength(3);
    host.files.set(`${directory}/kvm-probe.json`, '{"identity":');
    expect(await chooseAccelerator(host, 'auto', { directory })).toEqual({ accelerator: 'kvm' });
    expect(host.commands).toHaveLength(4);
  });
});

import type { Command } from './command-line/command.ts';
import type { FlagSpec } from './command-line/flags.ts';

const dryRun: FlagSpec = { type: 'boolean', description: 'run all checks, change nothing' };
const lifeCycle = () => import('./verbs/life-cycle.ts');
const instance = () => import('./verbs/instance.ts');

/** Verbs with virtctl's names, flags, texts and exit codes; `virtplane vm …` offers the same. */
export const verbs: readonly Command[] = [
  {
    name: 'start',
    usage: '(VM)',
    summary: 'Start a virtual machine.',
    flags: { paused: { type: 'boolean', description: 'start it paused' }, 'dry-run': dryRun },
    minArgs: 1,
    load: async () => (await lifeCycle()).start,
  },
  {
    name: 'stop',
    usage: '(VM)',
    summary: 'Stop a virtual machine.',
    flags: {
      force: { type: 'boolean', description: 'do not wait for the guest' },
      'grace-period': {
        type: 'integer',
        description: 'seconds the guest gets; only with --force',
        placeholder: 'SECONDS',
      },
      'dry-run': dryRun,
    },
    minArgs: 1,
    load: async () => (await lifeCycle()).stop,
  },
  {
    name: 'restart',
    usage: '(VM)',
    summary: 'Restart a virtual machine.',
    flags: {
      force: { type: 'boolean', description: 'do not wait for the guest' },
      'grace-period': {
        type: 'integer',
        description: 'seconds the guest gets; only 0, with --force',
        placeholder: 'SECONDS',
      },
      'dry-run': dryRun,
    },
    minArgs: 1,
    load: async () => (await lifeCycle()).restart,
  },
  {
    name: 'migrate',
    usage: '(VM)',
    summary: 'Move a running virtual machine to another node.',
    flags: { 'dry-run': dryRun },
    minArgs: 1,
    load: async () => (await lifeCycle()).migrate,
  },
  {
    name: 'pause',
    usage: 'vm|vmi (NAME)',
    summary: 'Pause a virtual machine: its processors stand still, its memory stays.',
    flags: { 'dry-run': dryRun },
    minArgs: 2,
    load: async () => (await import('./verbs/pause.ts')).pause,
  },
  {
    name: 'unpause',
    usage: 'vm|vmi (NAME)',
    summary: 'Let a paused virtual machine go on.',
    flags: { 'dry-run': dryRun },
    minArgs: 2,
    load: async () => (await import('./verbs/pause.ts')).unpause,
  },
  {
    name: 'soft-reboot',
    usage: '(VMI)',
    summary: 'Reboot the guest through its agent or power button.',
    minArgs: 1,
    load: async () => (await instance()).softReboot,
  },
  {
    name: 'reset',
    usage: '(VMI)',
    summary: 'Press the reset button.',
    minArgs: 1,
    load: async () => (await instance()).reset,
  },
  {
    name: 'console',
    usage: '(VMI)',
    summary: 'Connect to the serial console; Ctrl-] leaves it.',
    flags: {
      timeout: { type: 'integer', description: 'minutes to wait for the guest', default: 5, placeholder: 'MINUTES' },
    },
    minArgs: 1,
    load: async () => (await import('./verbs/console.ts')).serialConsole,
  },
  {
    name: 'vnc',
    usage: '(VMI) | screenshot (VMI) --file FILE',
    summary: 'Show the screen in a VNC viewer, offer it on a local port, or take a picture of it.',
    flags: {
      'proxy-only': { type: 'boolean', description: 'only print the port, start no viewer' },
      port: { type: 'integer', description: 'local port (0: any free one)', default: 0 },
      address: { type: 'string', description: 'local address', default: '127.0.0.1' },
      'preserve-session': { type: 'boolean', description: 'do not displace a viewer that is connected' },
      file: { type: 'string', short: 'f', description: 'screenshot: where the PNG goes', placeholder: 'FILE' },
      'move-cursor': { type: 'boolean', description: 'screenshot: move the pointer first, which wakes a blank screen' },
    },
    minArgs: 1,
    maxArgs: 2,
    load: async () => {
      const { vnc, vncScreenshot } = await import('./verbs/vnc.ts');
      return {
        run: (invocation) =>
          invocation.args[0] === 'screenshot' && invocation.args.length === 2
            ? vncScreenshot.run({ ...invocation, args: invocation.args.slice(1) })
            : vnc.run(invocation),
      };
    },
  },
  {
    name: 'port-forward',
    usage: '[kind/](NAME)[.namespace] [protocol/](LOCAL)[:REMOTE]…',
    summary: 'Forward local ports into a guest.',
    flags: {
      address: { type: 'string', description: 'local address', default: '127.0.0.1' },
      stdio: { type: 'boolean', description: 'forward stdin and stdout instead of a local port' },
    },
    minArgs: 2,
    maxArgs: 64,
    load: async () => (await import('./verbs/port-forward.ts')).portForward,
  },
  {
    name: 'guestosinfo',
    usage: '(VMI)',
    summary: 'What the guest agent says of the operating system.',
    minArgs: 1,
    load: async () => (await instance()).guestOsInfo,
  },
  {
    name: 'userlist',
    usage: '(VMI)',
    summary: 'Users logged in to the guest.',
    minArgs: 1,
    load: async () => (await instance()).userList,
  },
  {
    name: 'fslist',
    usage: '(VMI)',
    summary: 'File systems mounted in the guest.',
    minArgs: 1,
    load: async () => (await instance()).fsList,
  },
];

export const versionCommand: Command = {
  name: 'version',
  summary: 'Print the versions of client and server.',
  flags: { client: { type: 'boolean', short: 'c', description: 'only the client' } },
  load: async () => (await import('./verbs/version.ts')).showVersion,
};

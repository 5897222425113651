import type {
  VirtualMachineInstanceFileSystem,
  VirtualMachineInstanceGuestOSInfo,
  VirtualMachineInstanceGuestOSUser,
} from '@virtplane/resources';

/** What the guest agent has told so far. Everything in it comes from the guest and is not trusted. */
export interface GuestAgentFacts {
  readonly version?: string;
  readonly supportedCommands?: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly os?: VirtualMachineInstanceGuestOSInfo;
  readonly hostname?: string;
  readonly timezone?: string;
  readonly interfaces?: readonly AgentInterface[];
  readonly users?: readonly VirtualMachineInstanceGuestOSUser[];
  readonly fileSystems?: readonly VirtualMachineInstanceFileSystem[];
  readonly fsFreezeStatus?: 'frozen';
}

export interface AgentInterface {
  /** `eth0` in the guest. */
  readonly name: string;
  readonly mac: string;
  readonly ipAddresses: readonly string[];
}

/** Commands without which the agent is of no use. Source: KubeVirt virt-launcher agent-poller. */
export const requiredCommands: readonly string[] = [
  'guest-ping',
  'guest-get-time',
  'guest-info',
  'guest-shutdown',
  'guest-network-get-interfaces',
  'guest-get-fsinfo',
  'guest-get-host-name',
  'guest-get-users',
  'guest-get-timezone',
  'guest-get-osinfo',
];

const maxItems = 256;
const maxText = 256;

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const records = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.slice(0, maxItems).map(record) : [];
const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, maxText) : '');
const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/** Polled commands and how often at most. Each starts 10 s after connecting and doubles up to its interval. */
export const agentPolls = [
  { command: 'guest-info', intervalMs: 300_000 },
  { command: 'guest-network-get-interfaces', intervalMs: 120_000 },
  { command: 'guest-get-osinfo', intervalMs: 120_000 },
  { command: 'guest-get-host-name', intervalMs: 120_000 },
  { command: 'guest-get-timezone', intervalMs: 120_000 },
  { command: 'guest-get-users', intervalMs: 10_000 },
  { command: 'guest-get-fsinfo', intervalMs: 300_000 },
] as const;
export type AgentCommand = (typeof agentPolls)[number]['command'];
export const firstPollMs = 10_000;

/** The facts after one answer. Source: QEMU docs/interop/qemu-ga-ref. */
export function readAgentAnswer(facts: GuestAgentFacts, command: AgentCommand, answer: unknown): GuestAgentFacts {
  switch (command) {
    case 'guest-info': {
      const { version, supported_commands: commands } = record(answer);
      const supportedCommands = records(commands).map(({ name, enabled }) => ({
        name: text(name),
        enabled: enabled === true,
      }));
      return { ...facts, version: text(version), supportedCommands };
    }
    case 'guest-get-osinfo': {
      const os = record(answer);
      const info = {
        name: text(os.name),
        kernelRelease: text(os['kernel-release']),
        version: text(os.version),
        prettyName: text(os['pretty-name']),
        versionId: text(os['version-id']),
        kernelVersion: text(os['kernel-version']),
        machine: text(os.machine),
        id: text(os.id),
      };
      return { ...facts, os: Object.fromEntries(Object.entries(info).filter(([, value]) => value !== '')) };
    }
    case 'guest-get-host-name':
      return { ...facts, hostname: text(record(answer)['host-name']) };
    case 'guest-get-timezone': {
      const { zone, offset } = record(answer);
      return { ...facts, timezone: `${text(zone)}, ${number(offset)}` };
    }
    case 'guest-network-get-interfaces':
      return {
        ...facts,
        interfaces: records(answer)
          .map(agentInterface)
          .filter((nic) => nic.name !== 'lo' && nic.mac !== ''),
      };
    case 'guest-get-users':
      return {
        ...facts,
        users: records(answer).map(({ user, domain, 'login-time': loginTime }) => ({
          userName: text(user),
          ...(text(domain) && { domain: text(domain) }),
          loginTime: number(loginTime),
        })),
      };
    case 'guest-get-fsinfo':
      return { ...facts, fileSystems: records(answer).map(fileSystem) };
  }
}

const agentInterface = (value: Record<string, unknown>): AgentInterface => ({
  name: text(value.name),
  mac: text(value['hardware-address']).toLowerCase(),
  ipAddresses: records(value['ip-addresses'])
    .map((address) => text(address['ip-address']))
    .filter((address) => address !== ''),
});

const fileSystem = (value: Record<string, unknown>): VirtualMachineInstanceFileSystem => ({
  diskName: text(value.name),
  mountPoint: text(value.mountpoint),
  fileSystemType: text(value.type),
  usedBytes: number(value['used-bytes']),
  totalBytes: number(value['total-bytes']),
});

/** `undefined`: good enough, or not known yet. The sentence is used as the condition's reason. */
export function agentShortcoming(facts: GuestAgentFacts): string | undefined {
  if (!facts.supportedCommands) return undefined;
  const enabled = new Set(facts.supportedCommands.filter((command) => command.enabled).map((command) => command.name));
  return requiredCommands.every((name) => enabled.has(name))
    ? undefined
    : "This guest agent doesn't support required basic commands";
}

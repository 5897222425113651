/**
 * A libvirtd of our own per data directory. libvirt's state paths are compiled in, so in system mode (root) the daemon
 * lives in a mount namespace where its directories are ours; several run side by side and none touches the machine's.
 * The daemon and its guests outlive the agent: `start` finds them again.
 */
import { createHash, randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  connectWhenReady,
  destroyDomain,
  getHypervisorVersion,
  isDomainGone,
  type LibvirtConnection,
  LibvirtLink,
  listDomains,
  listFlag,
  undefineDomain,
  undefineFlag,
} from '@virtplane/libvirt';
import type { Logger } from '@virtplane/runtime';
import { type Host, runChecked, type StartedProcess } from '../host/host.ts';
import type { Accelerator } from './kvm-probe.ts';
import {
  bindMountTable,
  checkSocketPath,
  debianQemuUser,
  groupWithQemuUser,
  libvirtdConf,
  passwdWithQemuUser,
  type QemuUser,
  qemuConf,
  qemuUserIn,
} from './libvirtd-files.ts';
import { guestFile } from './prepared-guest.ts';

export interface LibvirtdOptions {
  host: Host;
  /** The daemon's own directory, e.g. `<data>/libvirt`. Every directory above must be traversable for the QEMU user. */
  directory: string;
  /** `tcg` hides /dev/kvm from libvirt and QEMU, `kvm` gives them a device node that the QEMU user may open. */
  accelerator: Accelerator;
  /** `system` (default as root): taps, hugepages, QEMU under its own account. `session`: no privileges at all. */
  mode?: 'system' | 'session';
  /** Mount points of hugetlbfs, mounted before the start. */
  hugetlbfsMounts?: readonly string[];
  /**
   * Directory of another daemon on this machine with the same accelerator: what it learned about QEMU is taken over
   * instead of probing again, which costs seconds. libvirt itself checks that it still holds.
   */
  capabilitiesFrom?: string;
  log?: Logger;
}

/** A directory for one guest's sockets, as we see it and as QEMU sees it (and a migration target, which has the same). */
export interface GuestDirectory {
  path: string;
  insidePath: string;
}

const startTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;
const maxDaemonLogBytes = 2 ** 20;

export class Libvirtd {
  readonly mode: 'system' | 'session';
  readonly uri: string;
  readonly socketPath: string;
  readonly directory: string;
  /** The account that QEMU runs under: owner of taps, sockets, disks. */
  readonly qemuUser: QemuUser;
  /** True when this start found the daemon running already. */
  readonly adopted: boolean;
  readonly #host: Host;
  readonly #link: LibvirtLink;

  private constructor(host: Host, directory: string, mode: 'system' | 'session', user: QemuUser, adopted: boolean) {
    this.#host = host;
    this.directory = directory;
    this.mode = mode;
    this.uri = `qemu:///${mode}`;
    this.socketPath = join(directory, 'sock', 'libvirt-sock');
    this.qemuUser = user;
    this.adopted = adopted;
    const { socketPath, uri } = this;
    this.#link = new LibvirtLink(async () => {
      // A daemon that died (killed, out of memory) is started again by whoever needs it next; its guests run on.
      if ((await runningDaemon(host, directory)) === undefined) await startDaemon(host, directory, mode);
      return connectWhenReady({ socketPath, uri, waitMs: startTimeoutMs });
    });
  }

  /**
   * Starts the daemon, or adopts the running one; restarts it (guests run on) when its configuration has changed.
   * Resolves when it answers. The first start on a new directory lets libvirt probe QEMU in the background (seconds);
   * `probe()` waits for that.
   */
  static async start(options: LibvirtdOptions): Promise<Libvirtd> {
    const { host, directory, log } = options;
    const mode = options.mode ?? (host.privileged ? 'system' : 'session');
    checkSocketPath(join(directory, 'lib', 'vp', '00000000-0000-0000-0000-000000000000', 'virt-serial0'));
    if (mode === 'system') await checkTraversable(host, directory);

    const user = mode === 'system' ? await systemQemuUser(host) : sessionUser();
    const files = await writeFiles(options, mode);
    const running = await runningDaemon(host, directory);
    const startedWith = await host.readTextIfExists(join(directory, 'started-with'));
    if (running !== undefined && startedWith !== files.digest) {
      log?.info('libvirtd is restarted because its configuration has changed; guests run on');
      await endProcess(host, running);
    }
    const adopted = running !== undefined && startedWith === files.digest;
    if (!adopted) {
      if (options.capabilitiesFrom !== undefined) await takeCapabilities(host, options.capabilitiesFrom, directory);
      await startDaemon(host, directory, mode);
      await host.writeText(join(directory, 'started-with'), files.digest);
    }
    const daemon = new Libvirtd(host, directory, mode, user, adopted);
    try {
      await daemon.connect();
    } catch (error) {
      const text = await host.readTextIfExists(join(directory, 'libvirtd.log'));
      const tail = text?.trim().split('\n').slice(-5).join('\n');
      throw new Error(`libvirtd in ${directory} does not answer: ${messageOf(error)}${tail ? `\n${tail}` : ''}`);
    }
    return daemon;
  }

  /** The shared connection; a new one when the last has ended, to a new daemon when the last has died. */
  connect(): Promise<LibvirtConnection> {
    return this.#link.get();
  }

  /** Waits until libvirt has probed QEMU (cached on disk: only the first start takes seconds). */
  async probe(): Promise<void> {
    await getHypervisorVersion(await this.connect());
  }

  /** Pid of the daemon, or undefined when it is dead. */
  pid(): Promise<number | undefined> {
    return runningDaemon(this.#host, this.directory);
  }

  /** Names only; see `prepareGuestDirectory`. */
  guestDirectory(uid: string): GuestDirectory {
    const path = join(this.directory, 'lib', 'vp', uid);
    return { path, insidePath: this.mode === 'system' ? `/var/lib/libvirt/vp/${uid}` : path };
  }

  /** Makes the directory for a guest's sockets, owned by the QEMU user. Also needed on the target of a migration. */
  async prepareGuestDirectory(uid: string): Promise<GuestDirectory> {
    const directory = this.guestDirectory(uid);
    await this.#host.makeDirectory(directory.path, { mode: 0o700 });
    if (this.mode === 'system') await this.#host.setOwner(directory.path, this.qemuUser.uid, this.qemuUser.gid);
    return directory;
  }

  async removeGuestDirectory(uid: string): Promise<void> {
    await this.#host.remove(this.guestDirectory(uid).path);
  }

  /**
   * Empties the file that records the guest's serial console when it has grown beyond `maxBytes`: a guest may write for
   * ever, and the disk is everybody's. QEMU appends, so it goes on at the beginning.
   */
  async trimSerialLog(uid: string, maxBytes: number): Promise<void> {
    const file = join(this.guestDirectory(uid).path, guestFile.serialLog);
    const status = await this.#host.status(file);
    if (status && status.sizeBytes > maxBytes) await this.#host.writeBytes(file, new Uint8Array());
  }

  /** Closes our connection; daemon and guests run on. */
  async disconnect(): Promise<void> {
    await this.#link.close();
  }

  /** Ends the daemon; guests run on and are found again by the next start. */
  async stop(): Promise<void> {
    await this.disconnect();
    const pid = await this.pid();
    if (pid !== undefined) await endProcess(this.#host, pid);
  }

  /** Destroys and forgets every guest, ends the daemon and removes its directory. */
  async wipe(): Promise<void> {
    const connection = await this.connect();
    const active = await listDomains(connection, listFlag.active);
    await Promise.all(active.map((domain) => unlessGone(destroyDomain(connection, domain))));
    const flags = undefineFlag.managedSave | undefineFlag.snapshotsMetadata | undefineFlag.nvram;
    const defined = await listDomains(connection, listFlag.inactive);
    await Promise.all(defined.map((domain) => unlessGone(undefineDomain(connection, domain, flags))));
    await this.stop();
    await this.#host.remove(this.directory);
  }
}

async function unlessGone(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isDomainGone(error)) throw error;
  }
}

/** Directories below ours that are mounted over libvirt's compiled-in ones. */
const privateDirectories = {
  etc: '/etc/libvirt',
  run: '/run/libvirt',
  lib: '/var/lib/libvirt',
  log: '/var/log/libvirt',
  cache: '/var/cache/libvirt',
} as const;

async function writeFiles(options: LibvirtdOptions, mode: 'system' | 'session'): Promise<{ digest: string }> {
  const { host, directory, accelerator, hugetlbfsMounts = [] } = options;
  await host.makeDirectory(directory, { mode: 0o755 });
  await forgetEarlierBoot(host, directory);
  const names = [...Object.keys(privateDirectories), 'etc/libvirt', 'lib/vp', 'home'];
  await Promise.all(names.map((name) => host.makeDirectory(join(directory, name))));
  await host.makeDirectory(join(directory, 'sock'), { mode: 0o700 });

  // Migration refuses two daemons of one host uuid, and a node's must stay the same over restarts.
  const uuidFile = join(directory, 'host-uuid');
  let hostUuid = (await host.readTextIfExists(uuidFile))?.trim();
  if (!hostUuid) {
    hostUuid = randomUUID();
    await host.writeText(uuidFile, `${hostUuid}\n`);
  }

  const daemonConf = libvirtdConf({
    socketDirectory: join(directory, 'sock'),
    logFile: join(directory, 'libvirtd.log'),
    hostUuid,
  });
  const driverConf = qemuConf({ system: mode === 'system', hugetlbfsMounts });
  const qemuConfPath = mode === 'system' ? 'etc/qemu.conf' : 'etc/libvirt/qemu.conf';
  await Promise.all([
    host.writeText(join(directory, 'etc', 'libvirtd.conf'), daemonConf),
    host.writeText(join(directory, qemuConfPath), driverConf),
  ]);
  if (mode === 'system') await writeNamespaceFiles(host, directory, accelerator);
  const digest = createHash('sha256')
    .update(JSON.stringify([daemonConf, driverConf, mode, accelerator]))
    .digest('hex');
  return { digest };
}

/**
 * libvirt expects its run directory to be empty after a boot. From ours it would take guests for running, fail to reach
 * them and kill whatever process has their pids now.
 */
async function forgetEarlierBoot(host: Host, directory: string): Promise<void> {
  const bootId = (await host.readText('/proc/sys/kernel/random/boot_id')).trim();
  const file = join(directory, 'boot-id');
  if ((await host.readTextIfExists(file))?.trim() === bootId) return;
  await host.remove(join(directory, 'run'));
  await host.writeText(file, `${bootId}\n`);
}

async function writeNamespaceFiles(host: Host, directory: string, accelerator: Accelerator): Promise<void> {
  const [passwd, group] = await Promise.all([host.readText('/etc/passwd'), host.readText('/etc/group')]);
  await Promise.all([
    host.writeText(join(directory, 'passwd'), passwdWithQemuUser(passwd)),
    host.writeText(join(directory, 'group'), groupWithQemuUser(group)),
  ]);
  const mounts: { source: string; target: string }[] = Object.entries(privateDirectories).map(([name, target]) => ({
    source: join(directory, name),
    target,
  }));
  mounts.push(
    { source: join(directory, 'passwd'), target: '/etc/passwd' },
    { source: join(directory, 'group'), target: '/etc/group' },
  );
  // libvirt checks access to /dev/kvm as the QEMU user but probes with more rights. When the answers differ it throws its
  // capability cache away at every call (minutes per guest). Both variants here give one answer to both questions. The
  // node that hides it is a /dev/null that nobody may open (libvirt carries device nodes into QEMU's own /dev).
  const kvm = join(directory, accelerator === 'kvm' ? 'kvm-usable' : 'kvm-hidden');
  if (await host.status('/dev/kvm')) {
    // An existing node may be mounted in the namespace of the running daemon: it stays.
    if ((await host.status(kvm))?.kind !== 'characterDevice') {
      const [mode, major, minor] = accelerator === 'kvm' ? ['0666', '10', '232'] : ['0000', '1', '3'];
      await runChecked(host, 'mknod', ['-m', mode, kvm, 'c', major, minor]);
    }
    mounts.push({ source: kvm, target: '/dev/kvm' });
  }
  await host.writeText(join(directory, 'mounts'), bindMountTable(mounts));
}

async function takeCapabilities(host: Host, from: string, to: string): Promise<void> {
  const [source, target] = [from, to].map((directory) => join(directory, 'cache', 'qemu', 'capabilities'));
  const [theirs, ours] = await Promise.all([host.list(source!), host.list(target!)]);
  if (theirs.length === 0 || ours.length > 0) return;
  await host.makeDirectory(target!);
  await Promise.all(theirs.map((name) => host.copyFile(join(source!, name), join(target!, name))));
}

async function startDaemon(host: Host, directory: string, mode: 'system' | 'session'): Promise<void> {
  await keepLogShort(host, join(directory, 'libvirtd.log'));
  await host.remove(join(directory, 'sock', 'libvirt-sock'));
  if (mode === 'system') await startSystemDaemon(host, directory);
  else await startSessionDaemon(host, directory);
}

/** The daemon appends for ever; of what earlier ones wrote, one file is kept. */
async function keepLogShort(host: Host, file: string): Promise<void> {
  const status = await host.status(file);
  if (status && status.sizeBytes > maxDaemonLogBytes) await host.rename(file, `${file}.1`);
}

/**
 * A placeholder process holds a new mount namespace while it is filled; then the daemon is started in it and keeps it
 * alive. Mounts that the machine makes later still arrive (slave propagation), ours never leave.
 */
async function startSystemDaemon(host: Host, directory: string): Promise<void> {
  await Promise.all(Object.values(privateDirectories).map((target) => host.makeDirectory(target)));
  const placeholder = await host.start('unshare', ['--mount', '--propagation', 'slave', '--', 'sleep', '60']);
  try {
    await namespaceIsOwn(host, placeholder);
    const enter = ['--target', String(placeholder.pid), '--mount', '--'];
    await runChecked(host, 'nsenter', [...enter, 'mount', '-a', '-T', join(directory, 'mounts')]);
    await runChecked(host, 'nsenter', [
      ...enter,
      'libvirtd',
      '--daemon',
      '--pid-file',
      join(directory, 'libvirtd.pid'),
    ]);
  } finally {
    placeholder.kill('SIGKILL');
    await placeholder.exited;
  }
}

/** unshare(1) has done its work when it has become sleep(1); in between a process has no command line. */
async function namespaceIsOwn(host: Host, placeholder: StartedProcess): Promise<void> {
  let ended = false;
  void placeholder.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + 5000;
  while ((await host.commandLine(placeholder.pid))?.[0] !== 'sleep') {
    if (ended) throw new Error('unshare could not make a mount namespace; is CAP_SYS_ADMIN missing?');
    if (performance.now() > deadline) throw new Error('unshare did not make a mount namespace within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function startSessionDaemon(host: Host, directory: string): Promise<void> {
  const env = {
    HOME: join(directory, 'home'),
    XDG_CONFIG_HOME: join(directory, 'etc'),
    XDG_CACHE_HOME: join(directory, 'cache'),
    XDG_RUNTIME_DIR: join(directory, 'run'),
    XDG_DATA_HOME: join(directory, 'lib'),
  };
  const args = ['--daemon', '--config', join(directory, 'etc', 'libvirtd.conf')];
  await runChecked(host, 'libvirtd', [...args, '--pid-file', join(directory, 'libvirtd.pid')], { env });
}

async function runningDaemon(host: Host, directory: string): Promise<number | undefined> {
  const pidFile = join(directory, 'libvirtd.pid');
  const pid = Number.parseInt((await host.readTextIfExists(pidFile)) ?? '', 10);
  if (!(pid > 1)) return undefined;
  // Pids are re-used: only a process that was started with our pid file is ours.
  const command = await host.commandLine(pid);
  return command?.includes(pidFile) ? pid : undefined;
}

async function endProcess(host: Host, pid: number): Promise<void> {
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGKILL'];
  for (const signal of signals) {
    host.kill(pid, signal);
    const deadline = performance.now() + stopTimeoutMs;
    while (performance.now() < deadline) {
      if ((await host.commandLine(pid)) === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  throw new Error(`libvirtd (pid ${pid}) does not end, not even after SIGKILL`);
}

async function systemQemuUser(host: Host): Promise<QemuUser> {
  return qemuUserIn(await host.readText('/etc/passwd')) ?? debianQemuUser;
}

function sessionUser(): QemuUser {
  return { name: '', uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

/** QEMU runs under another account and must be able to walk to its files. */
async function checkTraversable(host: Host, directory: string): Promise<void> {
  for (let at = dirname(directory); ; at = dirname(at)) {
    const status = await host.status(at);
    if (status && (status.mode & 0o001) === 0) {
      throw new Error(
        `QEMU runs as ${debianQemuUser.name} and cannot enter ${at} (mode ${status.mode.toString(8)}): run "chmod o+x ${at}" or choose another data directory`,
      );
    }
    if (at === dirname(at)) return;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

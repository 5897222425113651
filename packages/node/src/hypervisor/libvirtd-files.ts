/** What a private libvirtd finds in its directory: pure text. */

export interface QemuUser {
  name: string;
  uid: number;
  gid: number;
}

/** The account that Debian's libvirt has compiled in, with the ids that Debian reserves for it. */
export const debianQemuUser: QemuUser = { name: 'libvirt-qemu', uid: 64055, gid: 64055 };

/** The ids of libvirt-qemu on this machine, if the account exists. */
export function qemuUserIn(passwd: string): QemuUser | undefined {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name === debianQemuUser.name) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return undefined;
}

/** libvirtd refuses to start its QEMU driver without this account: the copy that only libvirtd sees gets it. */
export function passwdWithQemuUser(passwd: string): string {
  if (qemuUserIn(passwd)) return passwd;
  const { name, uid, gid } = debianQemuUser;
  return `${ensureNewline(passwd)}${name}:x:${uid}:${gid}:Libvirt Qemu:/var/lib/libvirt:/usr/sbin/nologin\n`;
}

export function groupWithQemuUser(group: string): string {
  const { name, gid } = debianQemuUser;
  if (group.split('\n').some((line) => line.startsWith(`${name}:`))) return group;
  return `${ensureNewline(group)}${name}:x:${gid}:\n`;
}

const ensureNewline = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** A string of libvirt's configuration language. @throws Error when it cannot be written there. */
function quoted(value: string): string {
  if (/["\n]/.test(value))
    throw new Error(`The path ${JSON.stringify(value)} cannot be written to libvirt's configuration`);
  return `"${value}"`;
}

export function libvirtdConf(options: { socketDirectory: string; logFile: string; hostUuid: string }): string {
  return [
    `unix_sock_dir = ${quoted(options.socketDirectory)}`,
    // The socket's directory is 0700: whoever reaches it is us.
    'unix_sock_ro_perms = "0700"',
    'unix_sock_rw_perms = "0700"',
    'auth_unix_ro = "none"',
    'auth_unix_rw = "none"',
    // The default of 5 calls at a time would queue the start of the sixth guest behind a migration.
    'max_client_requests = 256',
    'max_workers = 32',
    `host_uuid = ${quoted(options.hostUuid)}`,
    `log_outputs = ${quoted(`3:file:${options.logFile}`)}`,
    '',
  ].join('\n');
}

export function qemuConf(options: { system: boolean; hugetlbfsMounts: readonly string[] }): string {
  const lines = [
    'stdio_handler = "file"',
    'seccomp_sandbox = 1',
    // Without a cgroup of libvirt's own, several nodes of one machine cannot meet in one; pinning works by affinity.
    'cgroup_controllers = [ ]',
    'max_core = 0',
  ];
  if (options.system) {
    lines.push(
      `user = ${quoted(debianQemuUser.name)}`,
      `group = ${quoted(debianQemuUser.name)}`,
      'dynamic_ownership = 1',
    );
  }
  if (options.hugetlbfsMounts.length > 0) {
    lines.push(`hugetlbfs_mount = [${options.hugetlbfsMounts.map(quoted).join(', ')}]`);
  }
  return `${lines.join('\n')}\n`;
}

/** A table for `mount -a -T`: everything is mounted by one process. */
export function bindMountTable(mounts: readonly { source: string; target: string }[]): string {
  return mounts.map(({ source, target }) => `${octal(source)} ${octal(target)} none bind 0 0\n`).join('');
}

/** fstab(5) writes blanks, tabs, newlines and backslashes as octal numbers. */
function octal(path: string): string {
  return path.replace(/[\s\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

/** sun_path holds 108 bytes with the final NUL. */
export const maxSocketPathBytes = 107;

/** @throws Error naming the path and the remedy. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxSocketPathBytes) {
    throw new Error(
      `The socket path ${path} has ${bytes} bytes, but the kernel allows ${maxSocketPathBytes}: choose a data directory whose path is ${bytes - maxSocketPathBytes} bytes shorter`,
    );
  }
}

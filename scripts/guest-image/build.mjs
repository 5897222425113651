// Builds the small guest of the examples and tests out of Debian's own packages, without mounting anything and without root:
// GPT disk, one EFI partition (FAT16); syslinux boots it by BIOS, Debian's signed shim and GRUB by UEFI and Secure Boot. About
// 19 MB. Packages are only unpacked, never installed. Result: <out>/guest.qcow2, <out>/oci (a container disk as an OCI layout).
//   node scripts/guest-image/build.mjs OUT
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import * as fs from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

const run = promisify(execFile);
const here = import.meta.dirname;
const sources = ['build.mjs', 'init', 'rc', 'cloud-seed', 'session', 'udhcpc.script'];
const modules =
  'virtio_pci virtio_blk virtio_net virtio_console virtio_scsi sd_mod sr_mod ahci isofs nls_utf8 vfat nls_cp437 nls_ascii virtio_balloon efivarfs evdev button virtio_rng'.split(
    ' ',
  );
const partitionOffsetBytes = 1 << 20;

/** Rebuilds only when one of the sources changed. Returns the output directory's paths. */
export async function buildGuestImage(out, report = () => {}) {
  const result = { disk: path.join(out, 'guest.qcow2'), oci: path.join(out, 'oci') };
  const stamp = path.join(out, 'built-from');
  const digest = await digestOf(sources.map((name) => path.join(here, name)));
  if ((await fs.readFile(stamp, 'utf8').catch(() => '')) === digest) return result;

  await fs.mkdir(out, { recursive: true });
  const work = await fs.mkdtemp(path.join(out, 'work-'));
  try {
    report('downloading the guest kernel and boot loaders (Debian packages, about 40 MB)');
    const packages = await unpackPackages(work, path.join(out, 'packages'));
    report('building the guest disk');
    const initrd = await buildInitrd(work, packages);
    await buildDisk(work, packages, initrd, result.disk);
    await buildOciLayout(result.disk, result.oci, work);
    await fs.writeFile(stamp, digest);
  } finally {
    await fs.rm(work, { recursive: true, force: true });
  }
  return result;
}

async function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await fs.readFile(file));
  return hash.digest('hex');
}

async function unpackPackages(work, cache) {
  const { stdout } = await run('apt-cache', ['depends', '--important', 'linux-image-cloud-amd64']);
  const kernel = /Depends: (linux-image-\S+)/.exec(stdout)?.[1];
  if (!kernel) {
    throw new Error("apt-cache knows no linux-image-cloud-amd64: run 'apt-get update' as root once, then try again");
  }
  const names = [
    kernel,
    'busybox-static',
    'qemu-guest-agent',
    'shim-signed',
    'grub-efi-amd64-signed',
    'syslinux',
    'syslinux-common',
  ];
  await fs.mkdir(cache, { recursive: true });
  const present = await fs.readdir(cache);
  const missing = names.filter((name) => !present.some((file) => file.startsWith(`${name}_`)));
  if (missing.length > 0) await run('apt-get', ['download', '-q', ...missing], { cwd: cache });
  const roots = {};
  const files = await fs.readdir(cache);
  for (const name of names) {
    roots[name] = path.join(work, 'unpacked', name);
    await fs.mkdir(roots[name], { recursive: true });
    await run('dpkg', [
      '-x',
      path.join(
        cache,
        files
          .filter((f) => f.startsWith(`${name}_`))
          .sort()
          .at(-1),
      ),
      roots[name],
    ]);
  }
  const release = kernel.replace('linux-image-', '');
  await run('depmod', ['-b', roots[kernel], release], { env: sbinPath() });
  return { root: (name) => roots[name], kernelRoot: roots[kernel], release };
}

const sbinPath = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` });

async function buildInitrd(work, packages) {
  const tree = path.join(work, 'initrd');
  const moduleDir = path.join(tree, 'lib/modules', packages.release);
  const folders =
    'bin dev proc sys etc/udhcpc etc/acpi/PWRF tmp mnt run var/run var/log var/lib root home lib64 lib/x86_64-linux-gnu';
  for (const folder of folders.split(' ')) await fs.mkdir(path.join(tree, folder), { recursive: true });
  await fs.mkdir(moduleDir, { recursive: true });

  const busybox = path.join(packages.root('busybox-static'), 'bin/busybox');
  await fs.copyFile(busybox, path.join(tree, 'bin/busybox'));
  const applets = (await run(busybox, ['--list'])).stdout.split('\n').filter((a) => a && a !== 'busybox');
  for (const applet of applets) await fs.symlink('busybox', path.join(tree, 'bin', applet));

  const order = [];
  for (const name of modules) {
    const args = ['-d', packages.kernelRoot, '-S', packages.release, '-D', name];
    const { stdout } = await run('modprobe', args, { env: sbinPath() }).catch(() => ({ stdout: '' })); // built in
    for (const line of stdout.split('\n')) {
      const file = /^insmod (\S+)/.exec(line)?.[1];
      if (!file || order.includes(path.basename(file))) continue;
      await fs.copyFile(file, path.join(moduleDir, path.basename(file)));
      order.push(path.basename(file));
    }
  }
  await fs.writeFile(path.join(moduleDir, 'order'), `${order.join('\n')}\n`);

  const agent = path.join(packages.root('qemu-guest-agent'), 'usr/sbin/qemu-ga');
  await fs.copyFile(agent, path.join(tree, 'bin/qemu-ga'));
  await fs.copyFile('/lib64/ld-linux-x86-64.so.2', path.join(tree, 'lib64/ld-linux-x86-64.so.2'));
  for (const match of (await run('ldd', [agent])).stdout.matchAll(/=> (\/\S+)/g)) {
    await fs.copyFile(match[1], path.join(tree, 'lib/x86_64-linux-gnu', path.basename(match[1])));
  }

  const install = [
    ['init', 'init'],
    ['rc', 'etc/rc'],
    ['cloud-seed', 'bin/cloud-seed'],
    ['session', 'bin/session'],
    ['udhcpc.script', 'etc/udhcpc/default.script'],
  ];
  for (const [from, to] of install) {
    await fs.copyFile(path.join(here, from), path.join(tree, to));
    await fs.chmod(path.join(tree, to), 0o755);
  }
  await fs.writeFile(path.join(tree, 'etc/acpi/PWRF/00000080'), '#!/bin/sh\npoweroff -f\n', { mode: 0o755 });
  await fs.writeFile(path.join(tree, 'etc/passwd'), 'root::0:0:root:/root:/bin/sh\n');
  await fs.writeFile(path.join(tree, 'etc/group'), 'root:x:0:\n');
  await fs.writeFile(path.join(tree, 'etc/shadow'), 'root:*:19000:0:99999:7:::\n', { mode: 0o600 });

  const names = (await run('find', ['.', '-print0'], { cwd: tree, maxBuffer: 1 << 24 })).stdout;
  const archive = await pipe('cpio', ['-0', '-o', '-H', 'newc', '-R', '0:0', '--quiet'], names, tree);
  const file = path.join(work, 'initrd.gz');
  await fs.writeFile(file, gzipSync(archive, { level: 6 }));
  return file;
}

function pipe(command, args, input, cwd) {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { cwd, encoding: 'buffer', maxBuffer: 1 << 28 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin.end(input);
  });
}

async function buildDisk(work, packages, initrd, out) {
  const raw = path.join(work, 'disk.raw');
  const kernel = path.join(packages.kernelRoot, 'boot', `vmlinuz-${packages.release}`);
  const env = sbinPath();
  await fs.writeFile(raw, '');
  await fs.truncate(raw, 40 << 20);
  await run('sgdisk', ['-n', '1:2048:0', '-t', '1:ef00', '-A', '1:set:2', raw], { env });
  await run('mkfs.vfat', ['-F', '16', '--offset', '2048', '-n', 'GUEST', raw, String(38 * 1024)], { env });
  const image = `${raw}@@1M`;
  await run('mmd', ['-i', image, '::/EFI', '::/EFI/BOOT', '::/EFI/debian']);
  const put = (file, to) => run('mcopy', ['-i', image, file, to]);
  await put(path.join(packages.root('shim-signed'), 'usr/lib/shim/shimx64.efi.signed'), '::/EFI/BOOT/BOOTX64.EFI');
  await put(
    path.join(packages.root('grub-efi-amd64-signed'), 'usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed'),
    '::/EFI/BOOT/grubx64.efi',
  );
  // Under emulation on a busy machine the kernel's check of the timer may miss its ticks and give up booting.
  const options = 'console=tty0 console=ttyS0 quiet no_timer_check';
  const grub = path.join(work, 'grub.cfg');
  await fs.writeFile(grub, `set timeout=0\nlinux /vmlinuz ${options}\ninitrd /initrd.gz\nboot\n`);
  await put(grub, '::/EFI/debian/grub.cfg');
  const syslinux = path.join(work, 'syslinux.cfg');
  await fs.writeFile(
    syslinux,
    `DEFAULT guest\nPROMPT 0\nLABEL guest\n KERNEL vmlinuz\n APPEND initrd=initrd.gz ${options}\n`,
  );
  await put(syslinux, '::/syslinux.cfg');
  await put(kernel, '::/vmlinuz');
  await put(initrd, '::/initrd.gz');
  await run(path.join(packages.root('syslinux'), 'usr/bin/syslinux'), [
    '--offset',
    String(partitionOffsetBytes),
    '--install',
    raw,
  ]);
  const bootSector = await fs
    .readFile(path.join(packages.root('syslinux-common'), 'usr/lib/SYSLINUX/gptmbr.bin'))
    .catch(() => fs.readFile(path.join(packages.root('syslinux'), 'usr/lib/SYSLINUX/gptmbr.bin')));
  const disk = await fs.open(raw, 'r+');
  await disk.write(bootSector, 0, 440, 0);
  await disk.close();
  await run('qemu-img', ['convert', '-c', '-O', 'qcow2', raw, out]);
}

/** One gzipped layer with /disk/disk.img (owner 107), as KubeVirt's container disks are built. */
async function buildOciLayout(disk, out, work) {
  await fs.rm(out, { recursive: true, force: true });
  const blobs = path.join(out, 'blobs/sha256');
  await fs.mkdir(blobs, { recursive: true });
  const stage = path.join(work, 'layer/disk');
  await fs.mkdir(stage, { recursive: true });
  await fs.copyFile(disk, path.join(stage, 'disk.img'));
  const tar = path.join(work, 'layer.tar');
  const tarOptions = ['--sort=name', '--mtime=@0', '--owner=107', '--group=107', '--numeric-owner', '--mode=0444'];
  await run('tar', [...tarOptions, '-C', path.dirname(stage), '-cf', tar, 'disk']);
  const diffId = await sha256File(tar);
  const blob = async (bytes) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    await fs.writeFile(path.join(blobs, digest), bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const type = 'application/vnd.oci.image';
  const layer = await blob(gzipSync(await fs.readFile(tar), { level: 1 }));
  const config = await blob(
    Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        config: {},
        rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] },
      }),
    ),
  );
  const manifest = await blob(
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${type}.manifest.v1+json`,
        config: { mediaType: `${type}.config.v1+json`, ...config },
        layers: [{ mediaType: `${type}.layer.v1.tar+gzip`, ...layer }],
      }),
    ),
  );
  await fs.writeFile(path.join(out, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await fs.writeFile(
    path.join(out, 'index.json'),
    JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: `${type}.manifest.v1+json`,
          ...manifest,
          annotations: { 'org.opencontainers.image.ref.name': 'latest' },
        },
      ],
    }),
  );
}

async function sha256File(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest('hex');
}

if (process.argv[1] === import.meta.filename) {
  const out = process.argv[2];
  if (!out) {
    console.error('usage: node scripts/guest-image/build.mjs OUT');
    process.exit(2);
  }
  const started = Date.now();
  const built = await buildGuestImage(path.resolve(out), (line) => console.error(line));
  console.log(JSON.stringify({ ...built, seconds: (Date.now() - started) / 1000 }));
}

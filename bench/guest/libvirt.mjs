// The reference: the domain that Virtplane made, started by virsh on the same libvirtd, without Virtplane.
import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { until } from '../statistics.mjs';

const run = promisify(execFile);
const qemuUser = 64055;
const insideGuests = '/var/lib/libvirt/vp';

export const firstLine = 'guest: init';
export const lastLine = 'guest: ready';

/** Virtplane's private libvirtd below a data directory. @param {string} data */
export function openLibvirt(data) {
  const socket = /** @type {string} */ (
    fs
      .readdirSync(data, { recursive: true })
      .map(String)
      .find((f) => f.endsWith('/libvirt-sock'))
  );
  if (!socket) throw new Error(`no libvirtd has its socket below ${data}`);
  const directory = path.dirname(path.dirname(path.join(data, socket)));
  const uri = `qemu+unix:///system?socket=${path.join(data, socket)}`;
  const guests = path.join(directory, 'lib/vp');
  const virsh = async (...args) => (await run('virsh', ['-q', '-c', uri, ...args])).stdout;
  return {
    virsh,
    /** Where each guest has a directory with its sockets and its console's log. */
    guests,
    /** libvirt makes a directory here as the first thing when it starts a QEMU. */
    states: path.join(directory, 'lib/qemu'),

    /** Lifecycle events with libvirt's own times. */
    watchEvents() {
      const child = spawn('virsh', ['-q', '-c', uri, 'event', '--loop', '--timestamp', '--event', 'lifecycle'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      /** @type {{ atMs: number, domain: string, what: string }[]} */
      const events = [];
      let rest = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const found = /^(\S+ \S+): event 'lifecycle' for domain '?([^':]+)'?: (.+)$/.exec(line);
          if (found) events.push({ atMs: Date.parse(found[1].replace(' ', 'T')), domain: found[2], what: found[3] });
        }
      });
      return { events, stop: () => child.kill('SIGTERM') };
    },

    /** What `virsh create` needs to start a guest like this one, any number of times. */
    async reference(domain, uid) {
      const xml = await virsh('dumpxml', '--inactive', domain);
      const overlay = /<source file='([^']+)'/.exec(xml)?.[1];
      if (!overlay) throw new Error(`the domain ${domain} has no disk in a file`);
      const info = JSON.parse((await run('qemu-img', ['info', '-U', '--output=json', overlay])).stdout);
      const home = path.join(data, 'reference');
      fs.mkdirSync(home, { recursive: true, mode: 0o755 });
      let made = 0;
      return {
        async create() {
          const id = randomUUID();
          const name = `reference-${made++}`;
          const disk = path.join(home, `${name}.qcow2`);
          const backing = [
            '-b',
            info['full-backing-filename'] ?? info['backing-filename'],
            '-F',
            info['backing-filename-format'],
          ];
          await run('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, disk]);
          const directory = path.join(guests, id);
          fs.mkdirSync(directory, { mode: 0o700 });
          fs.chownSync(directory, qemuUser, qemuUser);
          const file = path.join(home, `${name}.xml`);
          fs.writeFileSync(file, referenceXml(xml, { name, id, overlay, disk, uid }));
          const startedAt = Date.now();
          await virsh('create', file);
          await untilLine(path.join(directory, 'serial.log'), firstLine);
          return {
            name,
            startedAt,
            firstLineMs: Date.now() - startedAt,
            console: path.join(directory, 'virt-serial0'),
            log: path.join(directory, 'serial.log'),
            async destroy() {
              await virsh('destroy', name);
              fs.rmSync(directory, { recursive: true, force: true });
              fs.rmSync(disk);
            },
          };
        },
      };
    },
  };
}

/** Other name, disk and sockets; the tap of a sandbox becomes QEMU's own network with the same device for the guest. */
function referenceXml(xml, { name, id, overlay, disk, uid }) {
  return xml
    .replace(/<name>[^<]*<\/name>/, `<name>${name}</name>`)
    .replace(/<uuid>[^<]*<\/uuid>/, `<uuid>${id}</uuid>`)
    .replaceAll(`'${overlay}'`, `'${disk}'`)
    .replaceAll(`${insideGuests}/${uid}`, `${insideGuests}/${id}`)
    .replace(/<interface type='ethernet'>([\s\S]*?)<\/interface>/g, (_all, inner) => {
      const kept = inner.replace(/<(target|script|mtu|backend|driver)\b[^>]*\/>/g, '');
      return `<interface type='user'>${kept}</interface>`;
    });
}

/** Time on performance's clock at which a line was in a guest's console log. @param {string} file @param {string} text */
export async function untilLine(file, text, withinMs = 180_000) {
  await until(`"${text}" in ${file}`, () => fs.existsSync(file) && fs.readFileSync(file, 'latin1').includes(text), {
    withinMs,
    everyMs: 4,
  });
  return performance.now();
}

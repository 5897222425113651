// What processes cost, from /proc.
import * as fs from 'node:fs';
import { sum } from './statistics.mjs';

const ticksPerSecond = 100;

/** CPU milliseconds of all threads since the start; grain 10 ms. @param {number} pid */
export function cpuMs(pid) {
  const text = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Memory that nothing but this process holds, without mapped files (the store's map is one). @param {number} pid */
export function rssAnonMb(pid) {
  const text = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(text)?.[1]) / 1024;
}

/** @param {number} pid */
export function isAlive(pid) {
  return fs.existsSync(`/proc/${pid}`);
}

/**
 * Every process that belongs to one data directory: its path stands in the command line, or an ancestor is such a process.
 * @param {string} dataDirectory
 * @returns {{ pid: number, name: string }[]}
 */
export function processesOf(dataDirectory) {
  /** @type {Map<number, { parent: number, name: string, ours: boolean }>} */
  const all = new Map();
  for (const entry of fs.readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      all.set(pid, { parent, name, ours: pid !== process.pid && command.includes(dataDirectory) });
    } catch (error) {
      // A process may end between the listing and the look.
      if (!['ENOENT', 'ESRCH'].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? '')) throw error;
    }
  }
  const belongs = (pid) => {
    for (let at = all.get(pid), depth = 0; at && depth < 20; at = all.get(at.parent), depth++) if (at.ours) return true;
    return false;
  };
  return [...all].filter(([pid]) => belongs(pid)).map(([pid, { name }]) => ({ pid, name }));
}

/** @param {{ name: string }} process */
export const isGuest = ({ name }) => name.startsWith('qemu-system');

/** CPU milliseconds of this process and of all its children that have ended. */
export function ownCpuMs() {
  const text = fs.readFileSync('/proc/self/stat', 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (sum(fields.slice(11, 15).map(Number)) * 1000) / ticksPerSecond;
}

/** CPU milliseconds that the whole machine was busy, and those that its host took away. */
export function machineCpuMs() {
  const line = fs.readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '';
  const [user, nice, system, , , irq, softIrq, steal] = line.trim().split(/\s+/).slice(1).map(Number);
  const toMs = 1000 / ticksPerSecond;
  return { busy: (user + nice + system + irq + softIrq) * toMs, stolen: steal * toMs };
}

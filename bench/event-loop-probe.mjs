// Loaded into a measured server by --import: how long did its event loop not turn? SIGUSR2 writes the longest time since the
// last signal, in milliseconds. Time in which the main thread was ready to run but other programs had the cores is taken off
// (the kernel counts it), for it says something about the machine, not about the server. Costs a timer every 4 ms, so it is not
// loaded where CPU at rest is measured.
import * as fs from 'node:fs';

const everyMs = 4;
const file = process.env.VIRTPLANE_BENCH_BLOCK_FILE ?? '';
const schedule = fs.openSync('/proc/self/schedstat', 'r');
const text = Buffer.alloc(128);

/** Nanoseconds on a core, nanoseconds waiting for one, number of turns; of the main thread. */
function waitedMs() {
  const length = fs.readSync(schedule, text, 0, text.length, 0);
  return Number(text.toString('latin1', 0, length).split(' ')[1]) / 1e6;
}

let longestMs = 0;
let lastTurn = performance.now();
let lastWaited = waitedMs();
setInterval(() => {
  const turn = performance.now();
  const waited = waitedMs();
  longestMs = Math.max(longestMs, turn - lastTurn - everyMs - (waited - lastWaited));
  lastTurn = turn;
  lastWaited = waited;
}, everyMs).unref();

process.on('SIGUSR2', () => {
  fs.writeFileSync(`${file}.new`, String(longestMs));
  fs.renameSync(`${file}.new`, file);
  longestMs = 0;
});

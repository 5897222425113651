// Loaded into a measured server by --import: how long did its event loop not turn? SIGUSR2 writes the longest time since the
// last signal, in milliseconds. Costs one timer every 2 ms, so it is not loaded where CPU at rest is measured.
import * as fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 2;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
const file = process.env.VIRTPLANE_BENCH_BLOCK_FILE ?? '';
process.on('SIGUSR2', () => {
  // The histogram holds the time between two turns of its timer: what the timer itself waits for is not a block.
  const longestMs = delay.max / 1e6 - resolutionMs;
  delay.reset();
  fs.writeFileSync(`${file}.new`, String(Math.max(0, longestMs)));
  fs.renameSync(`${file}.new`, file);
});

// Everything that must pass, in the order in which faults are cheapest to find. Ends with `N passed, N failed`.
//   node scripts/test.mjs [step …]
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const top = path.dirname(import.meta.dirname);
const bin = (name) => path.join(top, 'node_modules/.bin', name);
const reports = fs.mkdtempSync(path.join(os.tmpdir(), 'virtplane-test-'));

const check = (name, command, args, options = {}) => ({ name, command, args, ...options });
const vitest = (project, options = {}) => {
  const report = path.join(reports, `${options.name ?? project}.json`);
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return { name: options.name ?? project, command: bin('vitest'), args, report, ...options };
};

const steps = [
  check('lint', bin('biome'), ['check', '--error-on-warnings', '.']),
  check('types', bin('tsc'), ['-b']),
  check('layers', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', 'packages']),
  check('deadcode', bin('knip'), []),
  check('lockfile', process.execPath, ['scripts/check-lockfile.mjs']),
  vitest('unit'),
  check('node24', process.execPath, ['scripts/node24.mjs']),
  vitest('functional'),
  vitest('faults'),
  vitest('security'),
];

const wanted = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const step of steps) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  const startedAt = Date.now();
  console.log(`\n== ${step.name}`);
  const code = await run(step);
  const counts = step.report ? countsOf(step.report) : undefined;
  passed += counts?.passed ?? (code === 0 ? 1 : 0);
  failed += counts?.failed ?? (code === 0 ? 0 : 1);
  // A runner that fails without a failing test (an unhandled error, no test found) has failed all the same.
  if (counts && code !== 0 && counts.failed === 0) failed += 1;
  console.log(
    `== ${step.name}: ${code === 0 ? 'ok' : `FAILED (status ${code})`} in ${((Date.now() - startedAt) / 1000).toFixed(0)} s`,
  );
}
fs.rmSync(reports, { recursive: true, force: true });
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);

function run({ command, args }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
}

function countsOf(report) {
  if (!fs.existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(fs.readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests };
}

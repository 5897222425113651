// Brings a fresh checkout to the point where it runs: Debian packages, npm packages, the bundle, the small guest image. Quick
// when nothing is missing. As root it installs Debian packages and says so first; otherwise it prints the command and ends.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';

const top = path.dirname(import.meta.dirname);
const say = (line) => process.stderr.write(`setup: ${line}\n`);

function fail(line) {
  say(line);
  process.exit(1);
}

function runOrFail(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: top, stdio: ['ignore', 2, 2], ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0)
    fail(`'${command} ${args.join(' ')}' ended with status ${result.status}; see its output above`);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node.js ${process.versions.node} is too old: install Node.js 20.19 or newer`);
}

installDebianPackages();
installNpmPackages();
const { build } = await import('./build.mjs');
if (await build()) say('built dist/');
const { buildGuestImage } = await import('./guest-image/build.mjs');
await buildGuestImage(path.join(top, '.cache/guest'), say).catch((error) => fail(`guest image: ${error.message}`));

function installDebianPackages() {
  const wanted = fs
    .readFileSync(path.join(top, 'debian-packages.txt'), 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'));
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format language
  const format = '${Package} ${db:Status-Status}\n';
  const query = spawnSync('dpkg-query', ['-W', '-f', format, ...wanted], {
    encoding: 'utf8',
  });
  if (query.error)
    fail('dpkg-query is missing: this set-up knows only Debian; install what debian-packages.txt lists yourself');
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = wanted.filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing];
  if (process.getuid() !== 0) {
    fail(`these Debian packages are missing; as root run:\n  apt-get update && apt-get ${install.join(' ')}`);
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  runOrFail('apt-get', ['update', '-qq'], { env });
  runOrFail('apt-get', [...install, '-qq'], { env });
}

function installNpmPackages() {
  const lock = path.join(top, 'package-lock.json');
  const marker = path.join(top, 'node_modules/.virtplane-lock');
  const current = fs.readFileSync(lock, 'utf8');
  if (fs.existsSync(marker) && fs.readFileSync(marker, 'utf8') === current) return;
  say('installing npm packages (npm ci)');
  runOrFail('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error']);
  fs.writeFileSync(marker, current);
}

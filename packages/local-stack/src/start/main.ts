/** `npm start`: see help.txt. Started by bootstrap.mjs, which has installed and built everything. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { archiveTroubles } from '../oracle/archive/archive-verdict.ts';
import { agrees } from '../oracle/compare.ts';
import { archiveSummary } from './archive-summary.ts';
import { onParentGone } from './parent-pipe.ts';
import { ProblemNews } from './problem-news.ts';
import { realGenesys } from './process-settings.ts';
import { Screen } from './screen.ts';
import { Stack } from './stack.ts';
import { readStartOptions, type StartOptions } from './start-options.ts';
import { StateFolder } from './state-folder.ts';
import { statusLine } from './status-line.ts';
import { untilArchived } from './until-archived.ts';
import { drainedSummary, untilDrained } from './until-drained.ts';

/** EX_CONFIG of sysexits.h. */
const exitConfiguration = 78;
/** 128 + SIGINT: a run that was to end by itself was ended by a person. */
const exitInterrupted = 130;

const screen = new Screen();
const asked = Promise.withResolvers<'asked'>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => asked.resolve('asked'));
onParentGone(process.env['TRUNKLINE_PARENT_PIPE'], () => asked.resolve('asked'));

const options = readStartOptions(process.argv.slice(2));
if ('problems' in options) {
  process.stderr.write(
    `npm start cannot begin:\n${options.problems.map((line) => `  - ${line}\n`).join('')}`,
  );
  process.stderr.write('npm start -- --help lists what it takes.\n');
  process.exit(exitConfiguration);
}
process.exit(await run(options));

async function run(options: StartOptions): Promise<number> {
  const problems = contradictions(options, process.env);
  if (problems.length > 0) {
    screen.line(['npm start cannot begin:', ...problems.map((line) => `  - ${line}`)].join('\n'));
    return exitConfiguration;
  }
  const root = fileURLToPath(new URL('../../../..', import.meta.url));
  const state = new StateFolder(process.env['TRUNKLINE_STATE_DIR'] || path.join(root, '.trunkline'));
  try {
    await state.claim();
    if (options.fresh) await state.empty();
    if (realGenesys(process.env) === null) await state.keepTo(options.contract);
  } catch (error) {
    screen.line((error as Error).message);
    return 1;
  }
  const stack = new Stack(screen, options, state);
  let code: number;
  try {
    const ending = await Promise.race([watch(options, state, stack), asked.promise, stack.broken]);
    code = ending === 'asked' ? (options.untilDrained ? exitInterrupted : 0) : ending;
  } catch (error) {
    screen.line((error as Error).message);
    code = 1;
  }
  screen.quiet();
  screen.line('Stopping');
  const begin = performance.now();
  await stack.stop();
  await state.release();
  screen.line(`Stopped everything in ${((performance.now() - begin) / 1000).toFixed(1)} s.`);
  return code;
}

async function watch(options: StartOptions, state: StateFolder, stack: Stack): Promise<number> {
  screen.line('Starting Trunkline');
  const since = Date.now();
  const { dashboardUrl, genesysUrl, settings, archiveSettings, status } = await stack.start();
  screen.line(
    [
      '',
      `  Dashboard  ${dashboardUrl}`,
      `             users operator and viewer; their passwords are in ${state.secretsFile}`,
      `  Commands   ${state.commandFile} status`,
      `  Genesys    ${genesysUrl}`,
      `  Logs       ${state.logs}`,
      '  Ctrl-C stops everything.',
      '',
    ].join('\n'),
  );
  const news = new ProblemNews();
  const show = async (): Promise<void> => {
    const now = await status.read();
    for (const line of news.of(now.problems)) screen.line(`  ${line}`);
    screen.status(statusLine(now));
  };
  if (options.untilDrained) {
    const simulatorUrl = genesysUrl;
    const { contract } = options;
    const drained = await untilDrained({ simulatorUrl, contract, settings, since, show });
    screen.line(drainedSummary(drained));
    let isWell = agrees(drained.comparison);
    if (archiveSettings !== null) {
      const verdict = await untilArchived({
        simulatorUrl,
        settings: archiveSettings,
        logs: state.logs,
        show,
      });
      screen.line(archiveSummary(verdict));
      isWell &&= Object.keys(archiveTroubles(verdict)).length === 0;
    }
    return isWell ? 0 : 1;
  }
  for (;;) {
    await show();
    await sleep(1_000);
  }
}

/** What cannot be done with the parts that the environment names. */
function contradictions(options: StartOptions, environment: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  const given = ['REDIS_URL', 'ELASTICSEARCH_URL', 'S3_BUCKET'].filter((name) => environment[name]);
  if (options.fresh && given.length > 0) {
    problems.push(
      `--fresh empties only what npm start keeps itself, and ${given.join(' and ')} name servers of yours`,
    );
  }
  if (environment['S3_ENDPOINT'] && !environment['S3_BUCKET']) {
    problems.push(
      'S3_ENDPOINT names an S3 of yours: S3_BUCKET must name the bucket there, or unset S3_ENDPOINT',
    );
  }
  const pipelines = environment['FETCHER_PIPELINES'];
  if (options.untilDrained && pipelines && !pipelines.split(',').some((name) => name.trim() === 'audit')) {
    problems.push('--until-drained compares audit events, and FETCHER_PIPELINES leaves them out');
  }
  if (realGenesys(environment) !== null) {
    for (const [name, set] of [
      ['--contract', options.contract !== 'guide'],
      ['--until-drained', options.untilDrained],
      ['--events', options.events !== null && !options.untilDrained],
      ['--rate', options.rate !== null],
    ] as const) {
      if (set)
        problems.push(
          `${name} needs the simulator, and GENESYS_API_BASE, GENESYS_SUBDOMAIN or GENESYS_REGION names a real one`,
        );
    }
  }
  return problems;
}

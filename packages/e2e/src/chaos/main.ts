/**
 * Rounds of random kills and combined faults, two at a time, with a report at the end:
 *
 *     npm run test:faults -- --rounds 200 --seed 1 --report docs/reports/random-faults.md
 *
 * `--pipeline` says of which: `audit` (default), `archive`, or `both` in turns; `--contract`, as which Genesys is spoken to:
 * `guide` (default) or `platform`.
 * `--long` adds, before them, a round of each fault that takes minutes, with leases and locks as in production (audit).
 * `--minutes` ends it earlier, or, without `--rounds`, alone. Exit code 1 where a round was not clean; a round is run again
 * with `--rounds 1 --seed N` (and the same `--pipeline` and `--contract`). Redis, Elasticsearch and S3 come from the environment, or are started.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { archiveRound } from './archive-chaos.ts';
import { auditRound } from './audit-chaos.ts';
import { longFaultSettings, longFaults } from './long-faults.ts';
import { SeededRandom } from './random.ts';
import { type Compared, isClean, type ReportedRound, reportText, troubleText } from './report.ts';
import { type StartedRound, startChaosParts } from './started-round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
    pipeline: { type: 'string', default: 'audit' },
    contract: { type: 'string', default: 'guide' },
    long: { type: 'boolean', default: false },
  },
});
const firstSeed = Number(values.seed);
const rounds = Number(values.rounds ?? (values.minutes === undefined ? 200 : Number.POSITIVE_INFINITY));
const endAt = Date.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
if ([firstSeed, rounds, endAt].some(Number.isNaN)) {
  throw new Error('--rounds, --minutes and --seed are numbers.');
}

const { contract } = values;
if (contract !== 'guide' && contract !== 'platform') throw new Error('--contract is guide or platform.');
const audit = (random: SeededRandom) => auditRound(parts, random, { contract });
const archive = (random: SeededRandom) => archiveRound(parts, random, contract);
const pipelines = { audit: [audit], archive: [archive], both: [audit, archive] }[values.pipeline];
if (pipelines === undefined) throw new Error('--pipeline is audit, archive or both.');

const startedAt = new Date();
const parts = await startChaosParts(values.pipeline !== 'audit');
const done: ReportedRound[] = [];
try {
  for (const fault of values.long ? longFaults : []) {
    finish(
      await run(firstSeed, (random) =>
        auditRound(parts, random, { only: [fault], settings: longFaultSettings }),
      ),
    );
  }
  for (let n = 0; n < rounds && Date.now() < endAt; n++) {
    finish(await run(firstSeed + n, pipelines[n % pipelines.length] ?? audit));
  }
} finally {
  await parts[Symbol.asyncDispose]();
}
const text = reportText(done, {
  startedAt,
  firstSeed,
  machine: `${cpus().length} cores, ${platform()}, Node ${process.version}`,
});
if (values.report === undefined) process.stdout.write(`\n${text}`);
else {
  await mkdir(path.dirname(values.report), { recursive: true });
  await writeFile(values.report, text);
}
process.exitCode = done.every(isClean) ? 0 : 1;

function finish(round: ReportedRound): void {
  done.push(round);
  const counts = Object.entries(round.compared?.counts ?? {}).map(([name, count]) => `${count} ${name}`);
  const state = isClean(round) ? 'clean' : `NOT CLEAN ${troubleText(round)}`;
  process.stdout.write(
    `round ${done.length}, seed ${round.seed}: ${round.faults.join(' + ')}: ${counts.join(', ')}: ` +
      `${(round.durationMs / 1_000).toFixed(1)} s, ${state}\n`,
  );
}

/** Everything of a round follows from its seed. */
async function run(seed: number, start: (random: SeededRandom) => StartedRound): Promise<ReportedRound> {
  const { faults, compare } = start(new SeededRandom(seed));
  const begin = performance.now();
  let compared: Compared | null = null;
  let trouble: string | null = null;
  try {
    compared = await compare();
  } catch (error) {
    trouble = error instanceof Error ? error.message : String(error);
  }
  return { seed, faults, compared, trouble, durationMs: performance.now() - begin };
}

/**
 * Rounds of random kills and combined faults, two at a time, with a report at the end:
 *
 *     npm run test:faults -- --rounds 200 --seed 1 --report docs/reports/random-faults.md
 *
 * `--long` adds, before them, a round of each fault that takes minutes, with leases and locks as in production.
 * `--minutes` ends it earlier, or, without `--rounds`, alone. Exit code 1 where a round was not clean; a round is run again
 * with `--rounds 1 --seed N`. Redis and Elasticsearch come from the environment, or are started.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, platform } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startElasticsearch, startRedis } from '@trunkline/local-stack';
import { System } from '@trunkline/test-kit';
import { type ChaosFault, chaosFaults, impatient } from './faults.ts';
import { longFaultSettings, longFaults } from './long-faults.ts';
import { SeededRandom } from './random.ts';
import { isClean, type ReportedRound, reportText } from './report.ts';
import { runRound } from './round.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
    long: { type: 'boolean', default: false },
  },
});
const firstSeed = Number(values.seed);
const rounds = Number(values.rounds ?? (values.minutes === undefined ? 200 : Number.POSITIVE_INFINITY));
const endAt = Date.now() + Number(values.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
if ([firstSeed, rounds, endAt].some(Number.isNaN)) {
  throw new Error('--rounds, --minutes and --seed are numbers.');
}

const startedAt = new Date();
const [redis, elasticsearch] = await Promise.all([
  startRedis(),
  startElasticsearch({ heapMegabytes: 768, settings: { 'cluster.max_shards_per_node': '5000' } }),
]);
const done: ReportedRound[] = [];
try {
  for (const fault of values.long ? longFaults : []) {
    finish(await run(firstSeed, { only: [fault], settings: longFaultSettings }));
  }
  for (let n = 0; n < rounds && Date.now() < endAt; n++) finish(await run(firstSeed + n));
} finally {
  await Promise.all([redis.stop(), elasticsearch.stop()]);
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
  const state = isClean(round) ? 'clean' : `NOT CLEAN ${round.trouble ?? JSON.stringify(round.verdict)}`;
  process.stdout.write(
    `round ${done.length}, seed ${round.seed}: ${round.faults.join(' + ')}: ${round.verdict?.due ?? '?'} events, ` +
      `${(round.durationMs / 1_000).toFixed(1)} s, ${state}\n`,
  );
}

/** Everything of a round follows from its seed; two faults of all, where it is not told which. */
async function run(
  seed: number,
  how: { only?: ChaosFault[]; settings?: Record<string, string> } = {},
): Promise<ReportedRound> {
  const random = new SeededRandom(seed);
  const faults = how.only ?? [random.pick(chaosFaults), random.pick(chaosFaults)];
  const begin = performance.now();
  const round: ReportedRound = {
    seed,
    faults: faults.map(({ name }) => name),
    verdict: null,
    failedJobs: 0,
    durationMs: 0,
    trouble: null,
  };
  await using system = await System.start({
    redisUrl: redis.url,
    elasticsearchUrl: elasticsearch.url,
    fetchers: 2,
    indexers: 2,
    simulator: { backlog: 500 },
    settings: how.settings ?? impatient,
  });
  try {
    await runRound(system, faults, random);
    round.verdict = await system.oracle();
    round.failedJobs = (await system.jobCounts())['failed'] ?? 0;
  } catch (error) {
    round.trouble = error instanceof Error ? error.message : String(error);
  }
  round.durationMs = performance.now() - begin;
  return round;
}

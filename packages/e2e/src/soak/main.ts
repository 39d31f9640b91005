/**
 * The long runs, on real parts of their own; the oracle is the simulator's ledger against Elasticsearch:
 *
 *     npm run test:soak -- --minutes 30 --rate 200 --report docs/reports/soak.md
 *     npm run test:soak -- --minutes 0 --outage-events 300000
 *
 * Steady: events at one rate for many minutes, a random fault every five seconds, then calm. Outage: Elasticsearch is away
 * while very many events come, to see that queue, Redis and spool stay within their bounds. Exit code 1 where anything was
 * lost, doubled or altered, or a job failed.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestParts } from '@trunkline/test-kit';
import { runOutage } from './outage-run.ts';
import { reportOf } from './report.ts';
import { runSteady } from './steady-run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string', default: '200' },
    'outage-events': { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
  },
});
const [minutes, rate, events, seed] = [values.minutes, values.rate, values['outage-events'], values.seed].map(
  Number,
) as [number, number, number, number];
if ([minutes, rate, events, seed].some(Number.isNaN)) {
  throw new Error('--minutes, --rate, --outage-events and --seed are numbers.');
}

const tell = (line: string): void => {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
};
const parts = await startTestParts(tell);
const addresses = { redisUrl: parts.redis.url, elasticsearchUrl: parts.elasticsearch.url };
try {
  const steady =
    minutes > 0 ? await runSteady(addresses, { forMs: minutes * 60_000, rate, seed, tell }) : null;
  const outage = events > 0 ? await runOutage(addresses, { events, tell }) : null;
  const { text, sound } = reportOf({ seed, at: new Date(), steady, outage });
  process.stdout.write(text);
  if (values.report !== undefined) {
    await mkdir(dirname(values.report), { recursive: true });
    await writeFile(values.report, text);
  }
  process.exitCode = sound ? 0 : 1;
} finally {
  await Promise.all([parts.redis.stop(), parts.elasticsearch.stop()]);
}

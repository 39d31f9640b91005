import { TrunklineError } from '@trunkline/contracts';
import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import { auditHistory, contractDefaults } from '@trunkline/genesys';
import { loadSettings } from '@trunkline/service';
import { Command } from 'commander';
import { auditBackfillSettings, checkElasticsearch } from '../../config.ts';
import { openRedis } from '../../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../../frame/exit-codes.ts';
import type { CommandIo } from '../../frame/io.ts';
import { ofOrganisation } from '../../frame/of-organisation.ts';
import { withRecord } from '../../frame/on-record.ts';
import { patienceMsOf } from '../../frame/patience.ts';
import { rangeText, type TimeRange, timeRangeOf } from '../../frame/time-range.ts';
import { Progress } from '../../terminal/progress.ts';
import { printable } from '../../terminal/text.ts';
import { askForRange } from './ask-for-range.ts';
import { type AuditBackfillReport, reportText } from './report.ts';
import { StreamWatch } from './stream-watch.ts';

interface Options {
  from: string;
  to: string;
  stream?: string;
  again: boolean;
  wait: boolean;
  patience: string;
  json: boolean;
}

const minuteMs = 60_000;

const examples = `
Of the platform contract (GENESYS_CONTRACT=platform): the guide's event stream has no past beyond its replay window.
A fetcher takes the request up, one after another, in windows of 30 days, and goes on where another one stopped. Events that
are there already are duplicates and discarded. Asking twice does nothing twice; --again reads a range that was read before.

Exit codes: 0 asked for (with --wait: read and indexed); 1 refused; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline backfill audit --from 2026-01-01 --to 2026-07-01
  $ trunkline backfill audit --from 2026-11-01 --to 2026-11-22 --wait
  $ trunkline backfill audit --from 2026-11-01 --to 2026-11-22 --wait --json | jq .state
`;

export function auditBackfillCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(new Command('audit'), io)
    .description('Have the audit events of a time range read from the audit history of Genesys Cloud.')
    .requiredOption('--from <time>', 'begin of the range, ISO 8601 (UTC where no offset stands), inclusive')
    .requiredOption('--to <time>', 'end of the range, ISO 8601, exclusive')
    .option('--stream <id>', 'the stream (default: AUDIT_STREAM)')
    .option('--again', 'read the range once more where it was read before', false)
    .option('--wait', 'wait until every event of the range is indexed', false)
    .option('--patience <seconds>', 'longest wait; the range is read on by itself', '86400')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options: Options) => ended(await backfillAudit(io, options)));
}

async function backfillAudit(io: CommandIo, options: Options): Promise<ExitCode> {
  const range = wholeMinutes(timeRangeOf(options));
  const until = io.now() + patienceMsOf(options.patience);
  const config = loadSettings(auditBackfillSettings, io.env, checkElasticsearch);
  const { contract, ratePerSecond } = config.genesys;
  if (contract === 'guide') throw noHistory();
  requireWithinReach(range, io.now());
  const stream = options.stream ?? config.audit.stream;

  using progress = new Progress(io.err, io.now);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const act = { action: 'backfill', target: `${printable(stream)}, ${rangeText(range)}`, ahead: false };
  const asked = await withRecord(io, act, progress, () =>
    askForRange({ records, stream, now: io.now, user: io.user }, range, options.again),
  );
  const report: AuditBackfillReport = {
    v: 1,
    stream: asked.request.id,
    range: { from: asked.request.from, to: asked.request.to },
    askedBefore: !asked.isNew,
    state: asked.request.state,
    why: asked.request.why,
    windows: windowsOf(range),
    windowsDone: asked.request.state === 'done' ? windowsOf(range) : 0,
    batches: null,
    events: null,
    requestsPerSecond: ratePerSecond ?? contractDefaults[contract].ratePerSecond,
  };
  if (options.wait && report.state === 'open') {
    await using redis = await openRedis(config.redis, progress);
    const watch = new StreamWatch({
      redis,
      deployment: config.process.deployment,
      records,
      elasticsearch,
      indexPattern: `${config.elasticsearch.indexPrefix}*`,
      parent: stream,
      range,
    });
    await watch.until(report, { progress, now: io.now, until });
  }
  progress[Symbol.dispose]();
  io.out.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return exitCodeOf(report, options.wait);
}

function exitCodeOf({ state }: AuditBackfillReport, waited: boolean): ExitCode {
  if (state === 'refused') return exitCodes.findings;
  return waited && state === 'open' ? exitCodes.incomplete : exitCodes.ok;
}

/** Queries are made of whole seconds, and names of streams of minutes. */
function wholeMinutes({ from, to }: TimeRange): TimeRange {
  return { from: Math.floor(from / minuteMs) * minuteMs, to: Math.ceil(to / minuteMs) * minuteMs };
}

function windowsOf({ from, to }: TimeRange): number {
  return Math.ceil((to - from) / auditHistory.windowMs);
}

function requireWithinReach({ from, to }: TimeRange, now: number): void {
  if (to > now + minuteMs) throw new UsageError('--to must not lie in the future.');
  const earliest = now - auditHistory.reachMs;
  if (from >= earliest) return;
  throw new UsageError(
    `--from must not be before ${new Date(earliest).toISOString()}: Genesys keeps audit events for ${Math.round(auditHistory.reachMs / 86_400_000)} days.`,
  );
}

function noHistory(): TrunklineError {
  return new TrunklineError('CONFIG_INVALID', {
    message:
      'GENESYS_CONTRACT is guide: its event stream has no past beyond the replay window, so nothing can be backfilled.',
    remedy:
      'Within the replay window `trunkline reconcile audit --repair` queues what is missing; for the real service set GENESYS_CONTRACT=platform.',
  });
}

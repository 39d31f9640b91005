import { Manifests } from '@trunkline/archive-store';
import { archiveWindowsOf } from '@trunkline/contracts';
import { archivedMediaTypes, loadSettings } from '@trunkline/service';
import { Command } from 'commander';
import { withBucket } from '../archive/bucket.ts';
import { type BackfillConfig, backfillSettings, backfillWaitSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import { onRecord } from '../frame/on-record.ts';
import { patienceMsOf } from '../frame/patience.ts';
import { rangeText, timeRangeOf } from '../frame/time-range.ts';
import { Progress } from '../terminal/progress.ts';
import { auditBackfillCommand } from './audit/command.ts';
import { planRange } from './plan-range.ts';
import { type BackfillReport, reportText } from './report.ts';
import { WindowWatch } from './window-watch.ts';

interface Options {
  from: string;
  to: string;
  media?: string;
  wait: boolean;
  patience: string;
  json: boolean;
}

const examples = `
Every window of the grid that the range touches is planned, unless its manifest is there or it is under way: asking twice does
nothing twice. A fetcher has to run. With --wait also redactors and uploaders; the bucket is asked whether windows are done.

Exit codes: 0 all planned (with --wait: all archived); 1 windows stand failed; 2 not completed; 64 wrong arguments;
78 wrong configuration.

Examples:
  $ trunkline backfill archive --from 2026-10-01 --to 2026-11-01
  $ trunkline backfill archive --from 2026-11-21 --to 2026-11-22 --media voice,chat --wait
  $ trunkline backfill archive --from 2026-11-21 --to 2026-11-22 --wait --json | jq .failed
`;

export function backfillCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const archive = ofOrganisation(new Command('archive'), io)
    .description('Have the conversations of a time range archived.')
    .requiredOption('--from <time>', 'begin of the range, ISO 8601 (UTC where no offset stands), inclusive')
    .requiredOption('--to <time>', 'end of the range, ISO 8601, exclusive')
    .option(
      '--media <types>',
      'media types, with commas (default: ARCHIVE_MEDIA_TYPES, or those of the contract)',
    )
    .option('--wait', 'wait until every window is archived or stands failed', false)
    .option('--patience <seconds>', 'longest wait; what was planned goes on by itself', '3600')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options: Options) => ended(await backfillArchive(io, options)));
  return new Command('backfill')
    .description('Fetch what lies in the past.')
    .addCommand(auditBackfillCommand(io, ended))
    .addCommand(archive);
}

async function backfillArchive(io: CommandIo, options: Options): Promise<ExitCode> {
  const range = timeRangeOf(options);
  const until = io.now() + patienceMsOf(options.patience);
  const media = options.media === undefined ? null : mediaOf(options.media);
  const waitConfig = options.wait ? loadSettings(backfillWaitSettings, io.env) : null;
  const config: BackfillConfig = waitConfig ?? loadSettings(backfillSettings, io.env);
  const mediaTypes = media ?? archivedMediaTypes(config.archive, config.genesys);

  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  const { deployment } = config.process;
  const target = `archive, ${rangeText(range)}, ${mediaTypes.join(',')}`;
  const plan = await onRecord(io, redis, { action: 'backfill', target, ahead: true }, progress, () =>
    planRange(
      { redis, deployment, attempts: config.worker.attempts, progress, now: io.now, user: io.user, until },
      { ...range, mediaTypes, organisation: io.organisation },
    ),
  );
  const { windowMs } = config.archive;
  const touched = [...archiveWindowsOf(range.from, range.to, windowMs, mediaTypes, io.organisation)];
  const report: BackfillReport = { v: 1, plan, complete: null, failed: [], open: [] };
  if (waitConfig !== null && plan.kind === 'planned') {
    // The grid is in the order of time: those that have not settled are the last.
    const windows = touched.slice(0, touched.length - plan.tooEarly);
    await withBucket(waitConfig.s3, async (bucket) => {
      const watch = new WindowWatch({ redis, deployment, manifests: new Manifests(bucket), windows });
      Object.assign(report, await watch.until({ progress, now: io.now, until }));
    });
  }
  progress[Symbol.dispose]();
  io.out.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return exitCodeOf(report);
}

function exitCodeOf({ plan, failed, open }: BackfillReport): ExitCode {
  if (plan.kind !== 'planned' || plan.tooEarly > 0 || open.length > 0) return exitCodes.incomplete;
  return failed.length > 0 ? exitCodes.findings : exitCodes.ok;
}

function mediaOf(text: string): string[] {
  const types = [...new Set(text.split(',').map((type) => type.trim()))].sort();
  if (!types.every((type) => /^[a-z]+$/.test(type))) {
    throw new UsageError('--media must name media types, as voice,chat.');
  }
  return types;
}

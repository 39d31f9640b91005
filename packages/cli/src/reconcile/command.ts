import { randomBytes } from 'node:crypto';
import { Keyring, RedisPayloads } from '@trunkline/claim-check';
import { AUDIT_INDEX, deploymentPrefix, pipelinePrefix } from '@trunkline/contracts';
import { blindSealer } from '@trunkline/dead-letters';
import {
  DeadLetters,
  Elasticsearch,
  EventReader,
  instantOf,
  StreamRecords,
} from '@trunkline/elasticsearch-sink';
import {
  auditSources,
  connectionSettings,
  GenesysConnection,
  type GenesysWait,
  guideFilter,
  platformFilter,
} from '@trunkline/genesys';
import { loadSettings } from '@trunkline/service';
import { StreamState } from '@trunkline/stream-state';
import { Command } from 'commander';
import type { Redis } from 'ioredis';
import {
  checkReconcile,
  type ReconcileConfig,
  type RepairConfig,
  reconcileSettings,
  repairSettings,
} from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import { onRecord } from '../frame/on-record.ts';
import { rangeText } from '../frame/time-range.ts';
import { withQueueOn } from '../frame/with-queue.ts';
import { Progress } from '../terminal/progress.ts';
import { printable } from '../terminal/text.ts';
import { acknowledgeGap } from './acknowledge-gap.ts';
import type { Stretch } from './gap-verdict.ts';
import { GuideReading } from './guide-reading.ts';
import { PlatformReading, uncoveredStream } from './platform-reading.ts';
import { type Reconciled, type ReconcileParts, reconcile } from './reconcile.ts';
import { repair } from './repair.ts';
import { exitCodeOfReport, reportText } from './report.ts';
import type { SourceReading } from './source-reading.ts';

interface Options {
  from: string;
  to: string;
  stream?: string;
  repair: boolean;
  json: boolean;
  patience: string;
}

const examples = `
Exit codes: 0 all well; 1 differences found; 2 not completed (something was away, or a part of the
range lies before the replay window); 64 wrong arguments; 78 wrong configuration.

The range can be compared as far back as Genesys' replay window reaches (AUDIT_REPLAY_WINDOW_HOURS); with
GENESYS_CONTRACT=platform a year back, by history queries, of which Genesys runs one at a time for an organisation.
Reading takes its requests from the allowance that all processes of the OAuth client share.

Examples:
  $ trunkline reconcile audit --from 2026-11-22T00:00Z --to 2026-11-22T06:00Z
  $ trunkline reconcile audit --from 2026-11-22T00:00Z --to 2026-11-22T06:00Z --repair
  $ trunkline reconcile audit --from 2026-11-22T00:00Z --to 2026-11-22T06:00Z --json | jq '.missing[].id'
`;

const acknowledgeExamples = `
Reason, user and time are kept with the record, and shown by every reconcile over its range.
Exit codes: 0 done; 1 there is no such record, or it was closed before; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline reconcile acknowledge-gap 4f1d --reason "first start of the stream, nothing came before"
`;

export function reconcileCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const audit = ofOrganisation(new Command('audit'), io)
    .description('Compare the audit events of a time range at Genesys with what stands in Elasticsearch.')
    .requiredOption('--from <time>', 'begin of the range, ISO 8601 (UTC where no offset stands), inclusive')
    .requiredOption('--to <time>', 'end of the range, ISO 8601, exclusive')
    .option('--stream <id>', 'the stream (default: AUDIT_STREAM)')
    .option('--repair', 'queue what is missing again', false)
    .option('--patience <seconds>', 'longest wait for a page of Genesys, its pauses included', '900')
    .option('--json', 'print the report as JSON', false)
    .addHelpText('after', examples)
    .action(async (options: Options) => ended(await reconcileAudit(io, options)));
  const acknowledge = ofOrganisation(new Command('acknowledge-gap'), io)
    .description('Close a gap record that can be compared no more, and answer for it.')
    .argument('<id>', 'id of the gap record, as `reconcile audit` shows it')
    .requiredOption('--reason <text>', 'why it is accepted; kept with the record')
    .option('--stream <id>', 'the stream (default: AUDIT_STREAM)')
    .option('--json', 'print JSON', false)
    .addHelpText('after', acknowledgeExamples)
    .action(async (id: string, options) => ended(await acknowledgeGap(io, id, options)));
  return new Command('reconcile')
    .description('Prove that nothing is missing, doubled or altered.')
    .addCommand(audit)
    .addCommand(acknowledge);
}

async function reconcileAudit(io: CommandIo, options: Options): Promise<ExitCode> {
  const range = rangeOf(options);
  const patienceMs = patienceOf(options.patience);
  const repairConfig = options.repair ? loadSettings(repairSettings, io.env, checkReconcile) : null;
  const config: ReconcileConfig = repairConfig ?? loadSettings(reconcileSettings, io.env, checkReconcile);
  const stream = options.stream ?? config.audit.stream;

  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  await using genesys = openGenesys(config, redis, progress);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const reading = readingOf(config, {
    redis,
    genesys,
    records,
    stream,
    patienceMs,
    progress,
    now: io.now,
  });
  const parts: ReconcileParts = {
    reading,
    reader: new EventReader({ prefix: config.elasticsearch.indexPrefix, ...config.place }),
    elasticsearch,
    indexPrefix: config.elasticsearch.indexPrefix,
    deadLetterIndex: config.elasticsearch.deadLetterIndex,
    letters: new DeadLetters(elasticsearch, config.elasticsearch, blindSealer),
    records,
    meetsFilters: filterOf[config.genesys.contract](config.audit.filters),
    progress,
    now: io.now,
    user: io.user,
  };
  const reconciled = await reconcile(parts, stream, range);
  const { report } = reconciled;
  if (repairConfig !== null) {
    const target = `${printable(stream)}, ${rangeText(range)}`;
    const act = { action: 'repair', target, ahead: true };
    report.repair = await onRecord(io, redis, act, progress, async (done) => {
      const repaired = await repairWith(repairConfig, redis, parts, stream, reconciled);
      done(repaired.events);
      return repaired;
    });
  }
  io.out.write(options.json ? `${JSON.stringify(report)}\n` : reportText(report));
  return exitCodeOfReport(report);
}

const filterOf = { guide: guideFilter, platform: platformFilter } as const;

function openGenesys(config: ReconcileConfig, redis: Redis, progress: Progress): GenesysConnection {
  return new GenesysConnection(connectionSettings(config.genesys, config.audit), {
    redis,
    keyPrefix: deploymentPrefix(config.process.deployment),
    onWait: (wait) => progress.note(waitText(wait)),
  });
}

function waitText({ message, untilMs }: GenesysWait): string {
  return `${message} Waiting until ${new Date(untilMs).toISOString()}.`;
}

interface ReadingParts {
  redis: Redis;
  genesys: GenesysConnection;
  records: StreamRecords;
  stream: string;
  patienceMs: number;
  progress: Progress;
  now: () => number;
}

function readingOf(config: ReconcileConfig, parts: ReadingParts): SourceReading {
  const { redis, genesys, records, stream, patienceMs, progress, now } = parts;
  const settings = connectionSettings(config.genesys, config.audit);
  const { replayWindowMs, overlapMs, historyEveryMs } = config.audit;
  const stateOf = (id: string) =>
    new StreamState(redis, pipelinePrefix(config.process.deployment, 'audit'), id);
  const sources = auditSources({
    contract: config.genesys.contract,
    connection: genesys,
    settings,
    redis,
    keyPrefix: deploymentPrefix(config.process.deployment),
    onWait: (_stream, wait) => progress.note(waitText(wait)),
    overlapMs,
    historyEveryMs,
    tell: () => {},
  });
  const { rangeReachMs } = sources;
  const shared = { records, patienceMs, now };
  if (rangeReachMs === null) {
    return new GuideReading({
      ...shared,
      source: sources.tail(stream),
      stream,
      state: stateOf(stream),
      replayWindowMs,
    });
  }
  // Holder of the lease of history queries: two commands at once are two.
  const reader = `${stream}.reconcile.${randomBytes(4).toString('hex')}`;
  const uncovered = uncoveredStream(stream);
  return new PlatformReading({
    ...shared,
    range: (range) => sources.range(reader, range),
    reachMs: rangeReachMs,
    lateMs: overlapMs,
    stream: { id: stream, state: stateOf(stream) },
    uncovered: { id: uncovered, state: stateOf(uncovered) },
  });
}

async function repairWith(
  config: RepairConfig,
  redis: Redis,
  { reader, progress, now, user }: ReconcileParts,
  stream: string,
  reconciled: Reconciled,
) {
  return withQueueOn(redis, config.process.deployment, AUDIT_INDEX, (queue) =>
    repair(
      {
        reader,
        queue,
        payloads: new RedisPayloads(redis, new Keyring(config.payload.payloadKeys)),
        pipelinePrefix: pipelinePrefix(config.process.deployment, 'audit'),
        stream,
        attempts: config.worker.attempts,
        progress,
        now,
        user,
      },
      reconciled,
    ),
  );
}

function rangeOf(options: Options): Stretch {
  const from = timeOfOption('--from', options.from);
  const to = timeOfOption('--to', options.to);
  if (from >= to) throw new UsageError('--from must be before --to.');
  return { from, to };
}

function timeOfOption(name: string, text: string): number {
  const time = instantOf(text);
  if (time === null) throw new UsageError(`${name} must be a time as 2026-11-22T00:00:00Z.`);
  return time;
}

function patienceOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 86_400) throw new UsageError('--patience must be seconds, at most 86400.');
  return seconds * 1_000;
}

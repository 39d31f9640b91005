import { Elasticsearch, StreamRecords } from '@trunkline/elasticsearch-sink';
import { auditSourceSettings, elasticsearchSettings, loadSettings } from '@trunkline/service';
import { checkElasticsearch } from '../config.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { withRecord } from '../frame/on-record.ts';
import { Progress } from '../terminal/progress.ts';
import { printable } from '../terminal/text.ts';

const gapSettings = {
  audit: { stream: auditSourceSettings.stream },
  elasticsearch: elasticsearchSettings,
} as const;

/**
 * Closes a gap record that no reconcile can settle any more, because its range lies before the replay window: a person answers
 * for it. Who, when and why stand on the record from then on, and in every report over its range.
 */
export async function acknowledgeGap(
  io: CommandIo,
  id: string,
  options: { reason: string; stream?: string; json: boolean },
): Promise<ExitCode> {
  const reason = options.reason.trim();
  if (reason === '') throw new UsageError('--reason must say why the gap is accepted.');
  const config = loadSettings(gapSettings, io.env, checkElasticsearch);
  const stream = options.stream ?? config.audit.stream;
  await using elasticsearch = new Elasticsearch(config.elasticsearch);
  const records = new StreamRecords(elasticsearch, config.elasticsearch);
  const gaps = await records.listGapRecords(stream);
  const gap = gaps.find((one) => one.id === id);
  if (gap === undefined) {
    const open = gaps.filter(({ closedAt }) => closedAt === null).map((one) => `${one.id} (${rangeOf(one)})`);
    const others = open.length === 0 ? 'None of it is open.' : `Open are: ${open.join(', ')}.`;
    io.err.write(`The stream ${printable(stream)} has no gap record ${printable(id)}. ${others}\n`);
    return exitCodes.findings;
  }
  const range = rangeOf(gap);
  if (gap.closedAt !== null) {
    io.err.write(`The gap record ${id} (${range}) was closed at ${gap.closedAt} before.\n`);
    return exitCodes.findings;
  }
  const closed = { at: new Date(io.now()).toISOString(), by: io.user, why: `acknowledged: ${reason}` };
  using progress = new Progress(io.err, io.now);
  const act = {
    action: 'acknowledge-gap',
    target: `${printable(stream)}, gap record ${id}`,
    reason,
    ahead: false,
  };
  await withRecord(io, act, progress, () => records.closeGapRecord(stream, id, closed));
  if (options.json) {
    io.out.write(`${JSON.stringify({ v: 1, stream, gap: { id, from: gap.from, to: gap.to }, closed })}\n`);
    return exitCodes.ok;
  }
  io.out.write(`Closed: gap record ${id}, ${range}. Events of it that were never read stay unread.\n`);
  return exitCodes.ok;
}

function rangeOf({ from, to }: { from: string | null; to: string | null }): string {
  return `${from ?? 'unknown'} to ${to ?? 'unknown'}`;
}

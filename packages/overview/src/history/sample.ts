/** What is kept of a moment for the charts. Pure. */
import { z } from 'zod';
import { longestLagSeconds } from '../lag.ts';
import type { Picture } from '../picture.ts';

/** Totals are sums since the deployment began; their rates are made when they are shown. `null`: not known at that moment. */
export interface Sample {
  /** When it was taken, ms since 1970. */
  readonly at: number;
  /** Events put on the queue or the spool. */
  readonly received: number;
  /** Events that Elasticsearch made documents of. */
  readonly indexed: number;
  readonly duplicates: number;
  /** Events and conversations that became dead letters. */
  readonly deadLettered: number;
  readonly conversations: number;
  /** Bytes stored in the bucket. */
  readonly bytes: number;
  readonly lagSeconds: number | null;
  /** Batches of events that wait. */
  readonly waiting: number;
  /** Jobs of all queues that stand failed, dead letters among them. */
  readonly failed: number;
}

const sampleFields = [
  'received',
  'indexed',
  'duplicates',
  'deadLettered',
  'conversations',
  'bytes',
  'lagSeconds',
  'waiting',
  'failed',
] as const satisfies readonly (keyof Sample)[];

export type SampleField = (typeof sampleFields)[number];

export function sampleOf(picture: Picture): Sample {
  const { totals, archive, queues } = picture;
  const batches = queues.find(({ name }) => name === 'audit-index');
  return {
    at: picture.takenAt,
    received: totals.received ?? 0,
    indexed: totals.created ?? 0,
    duplicates: totals.duplicate ?? 0,
    deadLettered: (totals.deadLettered ?? 0) + (archive.totals.conversationsDeadLettered ?? 0),
    conversations: archive.totals.conversationsArchived ?? 0,
    bytes: archive.totals.bytesArchived ?? 0,
    lagSeconds: longestLagSeconds(picture),
    waiting: batches === undefined ? 0 : batches.waiting + batches.delayed,
    failed: queues.reduce((all, { failed }) => all + failed, 0),
  };
}

const numbers = z.array(z.number().nullable());

/** A line of the list in Redis: `[at, ...]` in the order of `sampleFields`. Fields that a later version adds stand behind. */
export function encodeSample(sample: Sample): string {
  return JSON.stringify([sample.at, ...sampleFields.map((field) => sample[field])]);
}

/** `null` for what is no line of ours. */
export function decodeSample(line: string): Sample | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return null;
  }
  const [at, ...values] = numbers.safeParse(parsed).data ?? [];
  if (at === undefined || at === null || values.length < sampleFields.length) return null;
  const fields = Object.fromEntries(
    sampleFields.map((field, place) => [
      field,
      field === 'lagSeconds' ? values[place] : (values[place] ?? 0),
    ]),
  );
  return { at, ...fields } as Sample;
}

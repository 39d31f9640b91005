import { z } from 'zod';
import { type OddKind, oddEventSchema } from '../audit/odd-event.ts';
import type { LedgerSummary } from '../ledger/ledger.ts';
import { TAILS, type Tail } from '../options.ts';
import { RATE_LIMIT_ANSWERS, RATE_LIMIT_HEADERS } from '../platform/rate-limit.ts';
import type { ClientTraffic } from '../platform/traffic.ts';
import type { RequestCounts } from '../request-log.ts';

/** `GET /_simulator/state`. */
export interface SimulatorState {
  pid: number;
  seed: string;
  /** True where this process continues what an earlier one began in the same directory. */
  continued: boolean;
  clock: {
    /** ISO 8601. */
    now: string;
    origin: string;
    speed: number;
    /** Simulated minus host's time. */
    aheadSeconds: number;
  };
  /** Positions that exist now. */
  head: number;
  rate: number;
  tail: Tail;
  /** No further event appears by itself. */
  complete: boolean;
  /** The last page delivered went to the end of the stream, and nothing was added since. */
  drained: boolean;
  missingPermissions: string[];
  faults: number;
}

/** `GET /_simulator/ledger/summary`. */
export type SimulatorSummary = LedgerSummary &
  RequestCounts & {
    /** Of the unserved events, those that the platform shows by now: late rows come later. */
    unservedShown: number;
    /** API requests with a token of ours, by client id. */
    traffic: Record<string, ClientTraffic>;
  };

export const rateLimitChangeSchema = z.strictObject({
  /** Requests a minute; null = no limit. */
  allowed: z.int().min(1).nullable().optional(),
  answer: z.enum(RATE_LIMIT_ANSWERS).optional(),
  headers: z.enum(RATE_LIMIT_HEADERS).optional(),
});
export type RateLimitChange = z.input<typeof rateLimitChangeSchema>;

export const clockChangeSchema = z.strictObject({
  /** Moves the clock; no events appear for the time skipped. */
  shiftSeconds: z.number().optional(),
  speed: z.number().gt(0).max(100_000).optional(),
});
export type ClockChange = z.input<typeof clockChangeSchema>;

const oddKindSchema = z.string().transform((kind, context) => {
  const odd = oddEventSchema.safeParse({ kind });
  if (odd.success) return odd.data;
  context.addIssue({ code: 'custom', message: `unknown odd event ${kind}` });
  return z.NEVER;
});

export const streamChangeSchema = z.strictObject({
  rate: z.number().min(0).max(100_000).optional(),
  /** Rate 0: no event appears by itself any more. */
  stop: z.literal(true).optional(),
  /** So many events that the usual filter lets through, at once; a bound moves up with them. */
  addEvents: z.int().min(1).max(10_000_000).optional(),
  /** The full pages of those that `addEvents` adds are written at once, not when they are asked for; those written before are forgotten. */
  writePages: z.literal(true).optional(),
  odd: z.array(z.union([oddKindSchema, oddEventSchema])).optional(),
  tail: z.enum(TAILS).optional(),
});
/** As a caller writes it: `{ odd: ['poison', { kind: 'huge', bytes: 1000 }] }`. */
export type StreamChange = Omit<z.input<typeof streamChangeSchema>, 'odd'> & {
  odd?: (OddKind | z.input<typeof oddEventSchema>)[];
};

/** What a change of the stream did. */
export interface StreamChanged {
  /** Positions that exist now. */
  head: number;
  /** Positions of the odd events asked for, in that order. */
  odd: number[];
}

export const permissionSchema = z.strictObject({
  /** Permissions that the client's role lacks; a poll is answered 403 while there is any. */
  missing: z.array(z.string().min(1)),
});

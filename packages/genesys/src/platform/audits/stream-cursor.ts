/**
 * The text in which a stream's state is kept where the guide's cursor is: our own JSON, versioned, with times as people read them.
 * Each text holds a nonce, so that two cursors are equal only where they are the very same answer.
 */
import { randomBytes } from 'node:crypto';
import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import type { HistoryRun } from './history-window.ts';
import type { TailState } from './tail-state.ts';

/** The state of a stream that reads its windows through the history alone. */
export interface HistoryState {
  /** Everything dated before was read. */
  head: number;
  /** Services that the last run read. */
  services: readonly string[];
  run: HistoryRun | null;
}

const time = z.codec(z.iso.datetime(), z.number().int(), {
  decode: (text) => Date.parse(text),
  encode: (ms) => new Date(ms).toISOString(),
});

const window = {
  from: time,
  to: time,
  startedAt: time,
  service: z.string().nullable(),
  transaction: z.string().nullable(),
  cursor: z.string().nullable(),
  taken: z.number().int().nonnegative(),
};

const realtimePass = z.object({
  kind: z.literal('realtime'),
  from: time,
  to: time,
  startedAt: time,
  page: z.number().int().positive(),
  pageSize: z.number().int().positive(),
  service: z.string().nullable(),
  services: z.string().nullable(),
});

const nonce = z.string().min(1);

const tailCursor = z.object({
  v: z.literal(1),
  kind: z.literal('tail'),
  nonce,
  final: time,
  head: time,
  sweptAt: time,
  tail: z.union([realtimePass, z.object({ kind: z.literal('history'), ...window })]).nullable(),
  sweep: realtimePass.nullable(),
});

const historyCursor = z.object({
  v: z.literal(1),
  kind: z.literal('history'),
  nonce,
  head: time,
  services: z.array(z.string()),
  run: z
    .object({ from: time, to: time, services: z.array(z.string().nullable()), window: z.object(window) })
    .nullable(),
});

export function tailCursorText(state: TailState): string {
  return JSON.stringify(z.encode(tailCursor, { v: 1, kind: 'tail', nonce: newNonce(), ...state }));
}

/** @throws TrunklineError GENESYS_CURSOR_EXPIRED where it is not one of these: of another contract, say */
export function tailStateOf(text: string): TailState {
  const { v, kind, nonce, ...state } = read(tailCursor, text);
  return state;
}

export function historyCursorText(state: HistoryState): string {
  const { head, services, run } = state;
  return JSON.stringify(
    z.encode(historyCursor, {
      v: 1,
      kind: 'history',
      nonce: newNonce(),
      head,
      services: [...services],
      run: run === null ? null : { ...run, services: [...run.services] },
    }),
  );
}

/** @throws as `tailStateOf` */
export function historyStateOf(text: string): HistoryState {
  const { head, services, run } = read(historyCursor, text);
  return { head, services, run };
}

/** How far the stream of a cursor was read for good. */
export interface ReadMark {
  /** Everything dated before was read when all of it had appeared, ms since 1970. */
  before: number;
  /** The services that it is about; none: those that realtime queries cover. */
  services: readonly string[];
}

/**
 * @param lateMs how late an event may appear
 * @returns `null` where the cursor was written by no source of the platform contract
 */
export function readMark(text: string, lateMs: number): ReadMark | null {
  const tail = tailCursor.safeParse(parsed(text));
  if (tail.success) return { before: tail.data.final, services: [] };
  const history = historyCursor.safeParse(parsed(text));
  return history.success ? { before: history.data.head - lateMs, services: history.data.services } : null;
}

function newNonce(): string {
  return randomBytes(4).toString('hex');
}

function read<T>(schema: z.ZodType<T>, text: string): T {
  const result = schema.safeParse(parsed(text));
  if (result.success) return result.data;
  throw new TrunklineError('GENESYS_CURSOR_EXPIRED', {
    message: 'The cursor of the stream was not written by this source of audit events.',
    remedy:
      'The stream begins anew (after a change of GENESYS_CONTRACT that is right); the gap record tells what to backfill.',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

import { setImmediate as turn } from 'node:timers/promises';
import { release, releasedBehind, type Stage } from '@trunkline/claim-check/stage';
import type { StagedBlob } from '@trunkline/contracts';
import { type CutLines, cutLines } from './cut-lines.ts';
import { inOrder } from './in-order.ts';
import { lineRanges, type RedactedLines, type RefusalCode } from './redact-lines.ts';
import { ThreadLost, type ThreadPool } from './thread-pool.ts';

/** A conversation that is not in the redacted batch. */
export interface Refused {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly code: RefusalCode;
  /** Its source text, for the stage alone. */
  readonly line: Buffer;
}

export interface BatchToRedact {
  readonly source: StagedBlob;
  /** Where the two blobs go: below it `data` and `index`. Of this run alone. */
  readonly place: string;
  /** Country of conversations that name none. */
  readonly region: string;
  /** Places of conversations that are dead letters already: they stay so, whatever the engine makes of them now. */
  readonly deadLettered: ReadonlySet<number>;
  /** Makes a refused conversation durable as a dead letter. */
  readonly setAside: (refused: Refused) => Promise<void>;
  /** Told as the work goes on. */
  readonly progress: () => void;
  readonly signal: AbortSignal;
}

export interface RedactedBatch {
  readonly redacted: StagedBlob;
  readonly index: StagedBlob;
  readonly conversations: number;
  readonly deadLettered: number;
  readonly missingTexts: number;
  readonly entities: Record<string, number>;
}

export interface BatchRedactionParts {
  readonly stage: Stage;
  readonly pool: Pick<ThreadPool, 'run' | 'size'>;
  readonly threadLost: (why: ThreadLost['why']) => void;
}

/**
 * Redacts a batch from stage to stage: chunks in, whole lines to the threads, their results out in the batch's order.
 *
 * The batch itself is never in memory: a chunk, what the threads have in hand, and the chunk that is being filled are. A single
 * conversation is, several times over, in the thread that reads it.
 *
 * A thread that is lost loses nothing: its lines are given to others one by one, and the one that costs a thread again is refused.
 */
export class BatchRedaction {
  readonly #parts: BatchRedactionParts;

  constructor(parts: BatchRedactionParts) {
    this.#parts = parts;
  }

  /** @throws TrunklineError of the stage; Error where threads are lost to one conversation after another */
  async run(batch: BatchToRedact): Promise<RedactedBatch> {
    const redacted = new TransformStream<Uint8Array, Uint8Array>();
    const index = new TransformStream<Uint8Array, Uint8Array>();
    const ends = [redacted.writable.getWriter(), index.writable.getWriter()] as const;
    const counts = { conversations: 0, deadLettered: 0, missingTexts: 0 };
    const entities: Record<string, number> = {};
    const produce = async (): Promise<void> => {
      try {
        for await (const result of this.#results(batch)) {
          batch.signal.throwIfAborted();
          counts.conversations += result.conversations;
          counts.deadLettered += result.refused.length;
          counts.missingTexts += result.missingTexts;
          for (const [type, count] of Object.entries(result.counts))
            entities[type] = (entities[type] ?? 0) + count;
          await Promise.all([write(ends[0], result.redacted), write(ends[1], result.index)]);
          batch.progress();
        }
        await Promise.all(ends.map((end) => end.close()));
      } catch (error) {
        await Promise.allSettled(ends.map((end) => end.abort(error)));
        throw error;
      }
    };
    const { stage } = this.#parts;
    const [data, tokens] = await allOrFirstError([
      stage.write(`${batch.place}data`, releasedBehind(redacted.readable), batch.signal),
      stage.write(`${batch.place}index`, releasedBehind(index.readable), batch.signal),
      produce(),
    ] as const);
    return { redacted: data, index: tokens, ...counts, entities };
  }

  #results(batch: BatchToRedact): AsyncIterable<RedactedLines> {
    const { stage, pool } = this.#parts;
    const lossesLeft = { count: mostLossesOfBatch };
    const cuts = cutLines(releasedBehind(stage.read(batch.source, batch.signal)), groupBytes);
    return inOrder(cuts, { items: pool.size + 1, bytes: roomBytes }, async (cut) => {
      const result = await this.#redactCut(cut, batch, lossesLeft);
      if (result.refused.length > 0) {
        const whole = await joined(cut);
        const ranges = [...lineRanges(Buffer.from(whole.buffer))];
        for (const { line, code } of result.refused) {
          const { from, to } = ranges[line] as { from: number; to: number };
          const bytes = Buffer.from(whole.buffer, from, to - from);
          await batch.setAside({ index: cut.firstLine + line, code, line: bytes });
        }
      }
      for (const piece of cut.pieces) release(piece);
      return result;
    });
  }

  async #redactCut(
    cut: CutLines,
    batch: Pick<BatchToRedact, 'deadLettered' | 'region' | 'signal'>,
    lossesLeft: { count: number },
  ): Promise<RedactedLines> {
    const skip = placesIn(cut, batch.deadLettered);
    try {
      const task = { lines: await joined(cut), skip, region: batch.region };
      return await unlessAborted(this.#parts.pool.run(task), batch.signal);
    } catch (error) {
      if (!(error instanceof ThreadLost)) throw error;
      this.#parts.threadLost(error.why);
      if (lossesLeft.count-- === 0) {
        throw new Error('redaction threads are lost to one conversation after another', { cause: error });
      }
      if (cut.lines === 1) return refusedAlone;
    }
    return this.#oneByOne(cut, batch, lossesLeft);
  }

  async #oneByOne(
    cut: CutLines,
    batch: Pick<BatchToRedact, 'deadLettered' | 'region' | 'signal'>,
    lossesLeft: { count: number },
  ): Promise<RedactedLines> {
    const bytes = Buffer.from((await joined(cut)).buffer);
    const results: RedactedLines[] = [];
    let line = 0;
    for (const { from, to } of lineRanges(bytes)) {
      const alone = {
        pieces: [bytes.subarray(from, to)],
        bytes: to - from,
        firstLine: cut.firstLine + line,
        lines: 1,
      };
      results.push(await this.#redactCut(alone, batch, lossesLeft));
      line++;
    }
    return merged(results);
  }
}

/** Large enough that a message to a thread costs little beside the work, small enough to keep several threads busy. */
const groupBytes = 262_144;
/** What the threads may have in hand of one batch. */
const roomBytes = 8 * 1024 * 1024;
/**
 * One conversation costs two threads: with the others of its group, and alone. More than a few such in a batch say that
 * something is wrong with the machine or the time limit, not with the conversations.
 */
const mostLossesOfBatch = 6;

const nothing = new Uint8Array();
const refusedAlone: RedactedLines = {
  redacted: nothing,
  index: nothing,
  conversations: 0,
  missingTexts: 0,
  counts: {},
  refused: [{ line: 0, code: 'ARCHIVE_CONVERSATION_UNREDACTABLE' }],
};

async function write(end: WritableStreamDefaultWriter<Uint8Array>, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0) await end.write(bytes);
}

function placesIn(cut: CutLines, deadLettered: ReadonlySet<number>): number[] {
  return [...deadLettered]
    .map((index) => index - cut.firstLine)
    .filter((place) => place >= 0 && place < cut.lines);
}

/** In memory of its own; a piece at a time, since a conversation may be large. */
async function joined(cut: CutLines): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(cut.bytes);
  let at = 0;
  for (const piece of cut.pieces) {
    if (at > 0) await turn();
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function merged(results: readonly RedactedLines[]): RedactedLines {
  const counts: Record<string, number> = {};
  for (const result of results) {
    for (const [type, count] of Object.entries(result.counts)) counts[type] = (counts[type] ?? 0) + count;
  }
  return {
    redacted: Buffer.concat(results.map(({ redacted }) => redacted)),
    index: Buffer.concat(results.map(({ index }) => index)),
    conversations: results.reduce((sum, { conversations }) => sum + conversations, 0),
    missingTexts: results.reduce((sum, { missingTexts }) => sum + missingTexts, 0),
    counts,
    refused: results.flatMap(({ refused }, line) => refused.map(({ code }) => ({ line, code }))),
  };
}

/** As Promise.all, but none is under way any more when it throws: the first error is the cause, the others follow from it. */
async function allOrFirstError<T extends readonly Promise<unknown>[]>(
  work: T,
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const all = Promise.all(work);
  await all.catch(() => Promise.allSettled(work));
  return all as Promise<{ [K in keyof T]: Awaited<T[K]> }>;
}

/** A thread cannot be interrupted; whoever waits for it can, and the process that stops ends it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Decisions about all dead letters that a filter leaves, carried out in the background: nobody has to wait, or keep a browser open.
 *
 * One at a time for each pipeline, over all replicas: a lock in Redis with an expiry, which the run renews with its progress. A run whose
 * process ends leaves what is done, done: what it was about has left the filter, and the same decision again goes on. That a run was
 * taken for dead and goes on beside another does no harm either, because deciding twice is deciding once.
 */
import { randomBytes } from 'node:crypto';
import { deploymentPrefix, type Pipeline, TrunklineError } from '@trunkline/contracts';
import type { Logger } from '@trunkline/service';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Decision, Progress } from './decide.ts';

const runState = z.object({
  v: z.literal(1),
  id: z.string(),
  action: z.enum(['requeue', 'discard']),
  /** Which dead letters, as in the access log. */
  target: z.string(),
  by: z.string(),
  /** ISO 8601. */
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** How many are meant, about; `null`: not known. */
  total: z.number().nullable(),
  done: z.number(),
  skipped: z.number(),
  /** `full`: it has been about as many as one run may. */
  end: z.enum(['done', 'full', 'stopped', 'failed']).nullable(),
  errorCode: z.string().nullable(),
  /** Why it failed, in words of ours. */
  problem: z.string().nullable(),
});
export type RunState = z.infer<typeof runState>;

/** A run as people see it; `cut-short`: its process ended, and nobody goes on with it. */
export type ShownRun = RunState & { readonly state: 'running' | 'cut-short' | 'ended' };

/** As `carryOut`, at the places of this process. */
type CarryOut = (decision: Decision, by: string, goesOn: (progress: Progress) => boolean) => Promise<void>;

interface NewRun {
  readonly decision: Decision;
  readonly target: string;
  readonly by: string;
  readonly total: number | null;
  /** Called when it is sure to begin, and before it does. */
  readonly begun: () => Promise<void>;
  /** Called once, when it has ended. */
  readonly ended: (state: RunState) => Promise<void>;
}

/** One run is about no more letters. */
const mostLetters = 100_000;
/** How often progress is written, and the lock renewed (ms). */
const beatMs = 1_000;
const lockMs = 15_000;
/** How long what became of a run is told (s), and that one was cut short. */
const endKeptSeconds = 600;
const runKeptSeconds = 86_400;

export class DecisionRuns {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #carryOut: CarryOut;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #own = new Map<Pipeline, Promise<void>>();

  constructor(redis: Redis, deployment: string, carryOut: CarryOut, log: Logger) {
    this.#redis = redis;
    this.#prefix = `${deploymentPrefix(deployment)}:dashboard:decision:`;
    this.#carryOut = carryOut;
    this.#log = log;
  }

  /** `false`: another one is under way. Resolves when it has begun. */
  async start({ decision, target, by, total, begun, ended }: NewRun): Promise<boolean> {
    const { pipeline, action } = decision;
    const id = randomBytes(6).toString('hex');
    if ((await this.#redis.set(this.#lock(pipeline), id, 'PX', lockMs, 'NX')) === null) return false;
    const nothing = { endedAt: null, done: 0, skipped: 0, end: null, errorCode: null, problem: null };
    const startedAt = new Date().toISOString();
    const state: RunState = { v: 1, id, action, target, by, startedAt, total, ...nothing };
    await this.#keep(pipeline, state);
    await begun();
    const run = this.#run(decision, state)
      .then(ended)
      .catch((err: unknown) =>
        this.#log.error(
          { event: 'dead-letters.run-not-told', err },
          'How a decision ended could not be told',
        ),
      )
      .finally(() => this.#own.delete(pipeline));
    this.#own.set(pipeline, run);
    return true;
  }

  /** Resolves when the run that this process has begun has ended, or after so many ms. */
  async settled(pipeline: Pipeline, withinMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, withinMs);
    await Promise.race([this.#own.get(pipeline), late.promise]);
    clearTimeout(timer);
  }

  /** The run that is under way, or the last one; `null`: there was none for a while. */
  async read(pipeline: Pipeline): Promise<ShownRun | null> {
    const [text, lock] = await this.#redis.mget(this.#key(pipeline), this.#lock(pipeline));
    const state = text == null ? undefined : runState.safeParse(JSON.parse(text)).data;
    if (state === undefined) return null;
    if (state.end !== null) return { ...state, state: 'ended' };
    return { ...state, state: lock === state.id ? 'running' : 'cut-short' };
  }

  /** Has the run that is under way end after the letter in hand, whichever process it runs in. */
  async stop(pipeline: Pipeline): Promise<void> {
    await this.#redis.del(this.#lock(pipeline));
  }

  /** Ends the runs of this process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#own.values());
  }

  async #run(decision: Decision, began: RunState): Promise<RunState> {
    const { pipeline } = decision;
    let state = began;
    let isOurs = true;
    let beating: Promise<void> | null = null;
    const heart = setInterval(() => {
      // Redis may be away: the run waits for it too.
      beating ??= this.#beat(pipeline, state)
        .then(
          (still) => {
            isOurs &&= still;
          },
          () => {},
        )
        .finally(() => {
          beating = null;
        });
    }, beatMs);
    const close = (end: RunState['end']): RunState => ({
      ...state,
      end,
      endedAt: new Date().toISOString(),
    });
    try {
      await this.#carryOut(decision, began.by, ({ done, skipped }) => {
        state = { ...state, done, skipped };
        return isOurs && !this.#stopping.signal.aborted && done + skipped < mostLetters;
      });
      const isStopped = !isOurs || this.#stopping.signal.aborted;
      state = close(isStopped ? 'stopped' : state.done + state.skipped >= mostLetters ? 'full' : 'done');
    } catch (err) {
      this.#log.warn(
        { event: 'dead-letters.run-failed', pipeline, err },
        'A decision was not carried out to its end',
      );
      state = close('failed');
      if (err instanceof TrunklineError) state = { ...state, errorCode: err.code, problem: err.message };
    } finally {
      clearInterval(heart);
      // It would write over how the run has ended.
      await beating;
    }
    await this.#keep(pipeline, state);
    if (isOurs) await this.#redis.del(this.#lock(pipeline));
    return state;
  }

  /** @returns whether the run may go on */
  async #beat(pipeline: Pipeline, state: RunState): Promise<boolean> {
    if ((await this.#redis.get(this.#lock(pipeline))) !== state.id) return false;
    await this.#redis.pexpire(this.#lock(pipeline), lockMs);
    await this.#keep(pipeline, state);
    return true;
  }

  async #keep(pipeline: Pipeline, state: RunState): Promise<void> {
    const seconds = state.end === null ? runKeptSeconds : endKeptSeconds;
    await this.#redis.set(this.#key(pipeline), JSON.stringify(state), 'EX', seconds);
  }

  #key(pipeline: Pipeline): string {
    return this.#prefix + pipeline;
  }

  #lock(pipeline: Pipeline): string {
    return `${this.#prefix}${pipeline}:lock`;
  }
}

import type { Stage } from '@trunkline/claim-check/stage';
import { errorCodeOf, TrunklineError } from '@trunkline/contracts';
import { HeldBack, type Service } from '@trunkline/service';

/** How long an answer of the stage counts (ms). */
const maxAgeMs = 30_000;
/** How long a job is left alone that found the stage away or full. */
const heldBackMs = 15_000;

/**
 * Whether the stage can be written to: the valve of what works from stage to stage. While it cannot, `/readyz` says why, jobs
 * wait, and no attempt is burned.
 */
export class StageWatch {
  readonly #stage: Stage;
  readonly #service: Pick<Service, 'health' | 'log'>;
  readonly #now: () => number;
  #problem: string | null = null;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #checking: Promise<boolean> | null = null;

  constructor(stage: Stage, service: Pick<Service, 'health' | 'log'>, now: () => number = Date.now) {
    this.#stage = stage;
    this.#service = service;
    this.#now = now;
  }

  /** As a word for the heartbeat. */
  get word(): 'unknown' | 'ready' | 'unusable' {
    if (this.#checkedAt === Number.NEGATIVE_INFINITY) return 'unknown';
    return this.#problem === null ? 'ready' : 'unusable';
  }

  /** Never throws. Asks again when the answer is old, and each time while there is trouble. */
  async mayRun(): Promise<boolean> {
    if (this.#problem === null && this.#now() - this.#checkedAt < maxAgeMs) return true;
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  /** Runs work on the stage; where the stage is away or full the work's job is held back instead of failed. */
  async heldBack<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = errorCodeOf(error);
      if (code !== 'STAGE_UNREACHABLE' && code !== 'STAGE_FULL' && code !== 'S3_OVERLOADED') throw error;
      this.#tell(error);
      throw new HeldBack(code, heldBackMs, error);
    }
  }

  async #check(): Promise<boolean> {
    try {
      await this.#stage.check();
      this.#tell(null);
    } catch (error) {
      this.#tell(error);
    }
    return this.#problem === null;
  }

  #tell(error: unknown): void {
    const problem =
      error === null
        ? null
        : error instanceof TrunklineError
          ? error.message
          : 'The stage failed unforeseen; see the log.';
    if (problem !== this.#problem) {
      if (problem === null) this.#service.log.info({ event: 'stage.ready' }, 'The stage can be used again');
      else {
        const facts = { event: 'stage.unusable', errorCode: errorCodeOf(error), err: error };
        this.#service.log.error(facts, problem);
      }
    }
    this.#problem = problem;
    this.#checkedAt = this.#now();
    this.#service.health.report('stage', problem);
  }
}

import type { Stage } from './stage.ts';
import { isSwept, type SweepAges, type SweepFound, type WindowState } from './sweep-decision.ts';

/** What one round of the sweeper found; ids only. */
export interface SweepReport {
  /** Windows whose files went, and in what state they were. */
  readonly removed: readonly { readonly windowId: string; readonly state: WindowState }[];
  /** Windows that stand failed and keep their files: a person is to look at them. */
  readonly failed: readonly { readonly windowId: string; readonly sweptAt: number }[];
  readonly deadLettersRestored: number;
  readonly notesRemoved: number;
  readonly leftOversRemoved: number;
}

/** Where a dead letter lies tells which job names it. */
export interface DeadLetterPlace {
  readonly windowId: string;
  readonly flow: string;
  readonly batch: string;
  readonly index: number;
}

export interface StageSweeperParts {
  readonly stage: Stage;
  /** STAGE_KEEP_FAILED_SECONDS. */
  readonly keepFailedMs: number;
  /** Whether jobs of a window are under way, or stand failed, or there are none. Unsure counts as running. */
  readonly stateOf: (windowId: string) => Promise<WindowState>;
  /** Whether a job still names a dead letter: its own, or the upload of what became of it. */
  readonly isDeadLetterNamed: (place: DeadLetterPlace) => Promise<boolean>;
  /**
   * Gives a dead letter that no job names its job back, from the note beside it: Redis was emptied, or its writer died.
   * @returns whether there was such a note
   */
  readonly restoreDeadLetter: (place: DeadLetterPlace) => Promise<boolean>;
  /** Told after each round. */
  readonly told: (report: SweepReport) => void;
  /** Told of a round that could not be done; the next one tries again. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => number;
  /** From one round to the next, an hour by default. */
  readonly everyMs?: number;
}

/**
 * Removes from the stage what crashed attempts left, dead letters never: theirs is the only copy, and their jobs only a worklist,
 * which is made anew from the stage. A component of the process that knows the windows' jobs. Several may
 * sweep one stage: each removal is harmless when done twice.
 *
 * A window's state is asked for after its files are listed, so that a window that begins meanwhile is seen as running.
 */
export class StageSweeper {
  readonly name = 'stage sweeper';
  readonly #parts: StageSweeperParts;
  readonly #now: () => number;
  readonly #ages: SweepAges;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(parts: StageSweeperParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#ages = { failedMs: parts.keepFailedMs, unnamedMs: dayMs, completedMs: 14 * dayMs };
  }

  async start(): Promise<void> {
    const everyMs = this.#parts.everyMs ?? 3_600_000;
    const round = (): void => {
      this.#round = this.sweep().then(this.#parts.told, this.#parts.failed);
      void this.#round.then(() => {
        if (this.#timer !== undefined) this.#timer = setTimeout(round, everyMs).unref();
      });
    };
    // Not at once: processes that start together would all list the stage.
    this.#timer = setTimeout(round, Math.min(everyMs, 60_000)).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#round;
  }

  /** One round. @throws TrunklineError where the stage cannot be used; whatever `stateOf` throws */
  async sweep(): Promise<SweepReport> {
    const removed: { windowId: string; state: WindowState }[] = [];
    const failed: { windowId: string; sweptAt: number }[] = [];
    for await (const { key: windowId, newestAt } of this.#groups('windows/', 1)) {
      const state = await this.#parts.stateOf(windowId);
      if (await this.#sweepOne({ kind: 'window', state }, newestAt, `windows/${windowId}/`)) {
        removed.push({ windowId, state });
      } else if (state === 'failed') {
        failed.push({ windowId, sweptAt: newestAt + this.#ages.failedMs });
      }
    }
    let deadLettersRestored = 0;
    for await (const { key } of this.#groups('dead/', 3)) {
      const place = deadLetterPlaceOf(key);
      if (place === null || (await this.#parts.isDeadLetterNamed(place))) continue;
      if (await this.#parts.restoreDeadLetter(place)) deadLettersRestored++;
    }
    let notesRemoved = 0;
    for await (const { key, newestAt } of this.#groups('completed/', 1)) {
      if (!isSwept({ kind: 'completed' }, newestAt, this.#now(), this.#ages)) continue;
      await this.#parts.stage.removeNote(`completed/${key}`);
      notesRemoved++;
    }
    const leftOversRemoved = await this.#parts.stage.removeLeftOvers(this.#now() - dayMs);
    return { removed, failed, deadLettersRestored, notesRemoved, leftOversRemoved };
  }

  async #sweepOne(found: SweepFound, newestAt: number, place: string): Promise<boolean> {
    if (!isSwept(found, newestAt, this.#now(), this.#ages)) return false;
    await this.#parts.stage.removeAll(place);
    return true;
  }

  /** The first `depth` parts of what lies below a place, each once, with when the newest part below it was written. */
  async *#groups(place: string, depth: number): AsyncGenerator<{ key: string; newestAt: number }> {
    let group = null as { key: string; newestAt: number } | null;
    for await (const { name, writtenAt } of this.#parts.stage.list(place)) {
      const key = name.slice(place.length).split('/', depth).join('/');
      if (group?.key === key) {
        group.newestAt = Math.max(group.newestAt, writtenAt);
        continue;
      }
      if (group !== null) yield group;
      group = { key, newestAt: writtenAt };
    }
    if (group !== null) yield group;
  }
}

const dayMs = 86_400_000;

/** @param key `<window id>/<flow>/<batch>-<index>`, see `stagePlaces.deadLetter` */
function deadLetterPlaceOf(key: string): DeadLetterPlace | null {
  const [windowId, flow, leaf] = key.split('/');
  const parts = /^(.+)-(\d+)$/.exec(leaf ?? '');
  if (windowId === undefined || flow === undefined || parts === null) return null;
  return { windowId, flow, batch: parts[1] as string, index: Number(parts[2]) };
}

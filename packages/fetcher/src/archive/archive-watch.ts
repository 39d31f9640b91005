import type { Stage } from '@trunkline/claim-check/stage';
import { TrunklineError } from '@trunkline/contracts';
import type { Component, Service } from '@trunkline/service';
import type { ArchiveMetrics } from './archive-metrics.ts';
import type { FetchWindow } from './fetch-window.ts';
import type { HeldBackBoard } from './held-back-board.ts';
import type { PlanBoard } from './plan-board.ts';
import type { PlanPicture } from './plan-windows.ts';
import type { WindowRecords } from './window-records.ts';

/** How often it looks at the board, and at stage and bucket (ms). */
const boardMs = 5_000;
const placesMs = 30_000;

/** Shows how planning stands and what Genesys has windows wait for, and tells `/readyz` whether stage and bucket can be reached before a job needs them. */
export class ArchiveWatch implements Component {
  readonly name = 'archive-watch';
  readonly #service: Service;
  readonly #board: PlanBoard;
  readonly #heldBack: HeldBackBoard;
  readonly #stage: Stage;
  readonly #records: WindowRecords;
  readonly #metrics: ArchiveMetrics;
  readonly #fetches: readonly FetchWindow[];
  #picture: PlanPicture | null = null;
  #timers: NodeJS.Timeout[] = [];

  constructor(parts: {
    service: Service;
    board: PlanBoard;
    heldBack: HeldBackBoard;
    stage: Stage;
    records: WindowRecords;
    metrics: ArchiveMetrics;
    fetches: readonly FetchWindow[];
  }) {
    this.#service = parts.service;
    this.#board = parts.board;
    this.#heldBack = parts.heldBack;
    this.#stage = parts.stage;
    this.#records = parts.records;
    this.#metrics = parts.metrics;
    this.#fetches = parts.fetches;
  }

  async start(): Promise<void> {
    this.#service.showFacts(this.name, () => ({
      ...this.#pauses(),
      archivePlannedAt: timeOf(this.#picture?.at),
      archiveWatermark: timeOf(this.#picture?.watermark),
      archiveUnfinished: this.#picture === null ? null : sumOf(this.#picture.unfinished),
      archiveOldestUnfinished: this.#picture?.oldestUnfinished?.id ?? null,
    }));
    this.#timers = [
      setInterval(() => void this.#readBoard(), boardMs),
      setInterval(() => void this.#checkPlaces(), placesMs),
    ];
    void this.#readBoard();
    void this.#checkPlaces();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #pauses(): Record<string, string | null> {
    return Object.fromEntries(
      this.#fetches.map(({ organisation, pausedUntil }) => [
        `archivePausedUntil${organisation === null ? '' : ` ${organisation}`}`,
        timeOf(pausedUntil),
      ]),
    );
  }

  async #readBoard(): Promise<void> {
    for (const fetch of this.#fetches) fetch.forgetPastWait(Date.now());
    if (this.#service.redis.status !== 'ready') return;
    try {
      this.#picture = await this.#board.read();
      const heldBack = Object.groupBy(await this.#heldBack.readAll(), ({ code }) => code);
      this.#metrics.heldBack.reset();
      for (const [code, windows = []] of Object.entries(heldBack))
        this.#metrics.heldBack.set({ code }, windows.length);
    } catch (err) {
      this.#service.log.debug({ event: 'plan-board.unread', err });
      return;
    }
    if (this.#picture === null) return;
    const { unfinished, oldestUnfinished } = this.#picture;
    this.#metrics.windows.reset();
    for (const [state, count] of Object.entries(unfinished)) this.#metrics.windows.set({ state }, count);
    const ageMs = oldestUnfinished === null ? 0 : Date.now() - oldestUnfinished.to;
    this.#metrics.oldestUnfinishedSeconds.set(Math.max(0, Math.round(ageMs / 1_000)));
  }

  async #checkPlaces(): Promise<void> {
    await this.#report('stage', () => this.#stage.check());
    await this.#report('bucket', () => this.#records.readWatermark(AbortSignal.timeout(placesMs)));
  }

  async #report(matter: string, check: () => Promise<unknown>): Promise<void> {
    try {
      await check();
      this.#service.health.report(matter, null);
    } catch (error) {
      const message = error instanceof TrunklineError ? error.message : `The ${matter} could not be checked.`;
      this.#service.health.report(matter, message);
      this.#service.log.debug({ event: 'archive.place-unready', matter, err: error });
    }
  }
}

function timeOf(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : new Date(at).toISOString();
}

function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

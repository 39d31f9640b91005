import { Random } from '../../audit/random.ts';
import type { AuditStream } from '../../audit/stream.ts';
import type { AuditSettings } from './audit-settings.ts';

/** Where a row is looked for. */
export type AuditView = 'realtime' | 'history';

const PURPOSE_LATE = 32;

/** When each row of the stream can be seen: a function of seed, position and settings. */
export class Lateness {
  readonly #stream: AuditStream;
  readonly #settings: AuditSettings;

  constructor(stream: AuditStream, settings: AuditSettings) {
    this.#stream = stream;
    this.#settings = settings;
  }

  /** Simulated time from which on a row is shown, epoch ms. */
  visibleMs(n: number, view: AuditView): number {
    const { schedule } = this.#stream;
    const dateMs = schedule.entry(n).dateMs;
    return Math.max(schedule.appearedMs(n), dateMs + this.#delayMs(n)) + this.#extraMs(view);
  }

  /** Rows with a date up to this one are all shown by now, those that were added since aside. */
  certainMs(nowMs: number, view: AuditView): number {
    const { delaySeconds, lateShare, lateSeconds } = this.#settings;
    const longest = delaySeconds + (lateShare > 0 ? lateSeconds : 0);
    return nowMs - longest * 1000 - this.#extraMs(view);
  }

  #delayMs(n: number): number {
    const { delaySeconds, lateShare, lateSeconds } = this.#settings;
    if (lateShare === 0) return delaySeconds * 1000;
    const random = new Random(this.#stream.seed, PURPOSE_LATE, n);
    const isLate = random.word() < lateShare * 0x1_0000_0000;
    return (delaySeconds + (isLate ? (random.word() / 0x1_0000_0000) * lateSeconds : 0)) * 1000;
  }

  #extraMs(view: AuditView): number {
    return view === 'history' ? this.#settings.historyDelaySeconds * 1000 : 0;
  }
}

/**
 * A window of the audit history, and where its reading stands: a query is submitted, waited for, and its result read page by page.
 * Pure; what is asked of Genesys is made from it elsewhere.
 */
export interface HistoryWindow {
  /** ms since 1970, [from, to). */
  readonly from: number;
  readonly to: number;
  /** When it was begun: what appeared later may not be in its result. */
  readonly startedAt: number;
  /** `null`: all services. */
  readonly service: string | null;
  /** The query that was submitted for it; `null`: none yet, or it was lost. */
  readonly transaction: string | null;
  /** Genesys' position in the query's result; `null`: its beginning. */
  readonly cursor: string | null;
  /** Events behind `cursor` that were given already, as long as the answer is at hand; else they are given again. */
  readonly taken: number;
}

export function historyWindow(
  from: number,
  to: number,
  now: number,
  service: string | null = null,
): HistoryWindow {
  return { from, to, startedAt: now, service, transaction: null, cursor: null, taken: 0 };
}

/** The window from its beginning, with no query: the one that there was is lost, or failed. */
export function begunAnew(window: HistoryWindow, now: number): HistoryWindow {
  return historyWindow(window.from, window.to, now, window.service);
}

/** The first half of a window whose result is too large; itself, begun anew, where it cannot be halved. */
export function halved(window: HistoryWindow, now: number): HistoryWindow {
  const { from, to, service } = window;
  const middle = from + Math.floor((to - from) / 2_000) * 1_000;
  return middle > from ? historyWindow(from, middle, now, service) : begunAnew(window, now);
}

/** Windows to be read one after another: [from, to) of each service, in parts that a query takes. */
export interface HistoryRun {
  readonly from: number;
  readonly to: number;
  /** In their order; `[null]`: all at once. */
  readonly services: readonly (string | null)[];
  readonly window: HistoryWindow;
}

/** `null`: there is no service to be read, or the range is empty. */
export function historyRun(
  from: number,
  to: number,
  services: readonly (string | null)[],
  now: number,
  windowMs: number,
): HistoryRun | null {
  const first = services[0];
  if (first === undefined || to <= from) return null;
  return { from, to, services, window: historyWindow(from, Math.min(to, from + windowMs), now, first) };
}

/** The run behind its present window; `null`: that was the last. */
export function behindWindow(run: HistoryRun, now: number, windowMs: number): HistoryRun | null {
  const { window, services, to } = run;
  if (window.to < to) {
    const end = Math.min(to, window.to + windowMs);
    return { ...run, window: historyWindow(window.to, end, now, window.service) };
  }
  const service = services[services.indexOf(window.service) + 1];
  if (service === undefined) return null;
  return { ...run, window: historyWindow(run.from, Math.min(to, run.from + windowMs), now, service) };
}

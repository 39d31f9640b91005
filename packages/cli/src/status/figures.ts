/** How figures of a picture stand in a terminal: what is not known is `?`, never 0. Pure. */
import { duration } from '@trunkline/overview';

const unknown = '?';

export function known<T>(value: T | null, shown: (value: T) => string): string {
  return value === null ? unknown : shown(value);
}

/** `2026-11-22 14:00:01`, UTC. */
export function utc(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** `3 min ago`. */
export function ago(at: number, now: number): string {
  return `${duration(Math.max(0, now - at))} ago`;
}

/** ISO 8601, for programs. */
export function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

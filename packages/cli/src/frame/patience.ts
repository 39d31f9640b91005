import { UsageError } from './exit-codes.ts';

/** How long a command waits at most (ms), from an option in seconds. @throws UsageError */
export function patienceMsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > 30 * 86_400)
    throw new UsageError('--patience must be seconds, at most 2592000 (30 days).');
  return seconds * 1_000;
}

import { type Outcome, ok, unused, wrong } from './probe.ts';

/** Clocks may differ by so much: tokens, signatures and windows hold within it (ms). */
const toleratedMs = 60_000;

/**
 * @param theirs ms since 1970 as the other side tells it; `null`: it does not
 * @param ours when it told that
 */
export function clockSkew(theirs: number | null, ours: number, whose: string): Outcome {
  if (theirs === null) return unused(`${whose} does not tell its clock`);
  const seconds = Math.round((theirs - ours) / 1_000);
  const how = `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(theirs - ours) <= toleratedMs) return ok(seconds === 0 ? "this machine's" : how);
  return wrong(
    `the clock of ${whose} is ${how}`,
    'Set the clocks by NTP, here and on the hosts of the processes: signatures, tokens and heartbeats are judged by them.',
  );
}

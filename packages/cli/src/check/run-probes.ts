import { TrunklineError } from '@trunkline/contracts';
import { describeError } from '@trunkline/service';
import { type Outcome, type Probe, type Result, wrong } from './probe.ts';

/** Longest a single probe may take (ms). */
const limitMs = 20_000;

/**
 * Runs probes, each as soon as those that it needs are in order. What depends on a failed one is told as not tried: its own
 * failure would hide the cause.
 * @param told each as it is done
 * @returns in the order of `probes`
 */
export async function runProbes(
  probes: readonly Probe[],
  told: (result: Result, done: number) => void = () => {},
): Promise<Result[]> {
  const running = new Map<string, Promise<Result>>();
  let done = 0;
  const run = async (probe: Probe): Promise<Result> => {
    const blocked = await firstNot(probe.needs, running);
    const result: Result =
      blocked === null
        ? { name: probe.name, ...(await outcomeOf(probe)) }
        : { name: probe.name, kind: 'not-tried', after: blocked };
    done += 1;
    told(result, done);
    return result;
  };
  for (const probe of probes) running.set(probe.name, run(probe));
  return Promise.all(running.values());
}

/** The cause: where a need was not tried itself, what that waits for. */
async function firstNot(
  needs: readonly string[],
  running: ReadonlyMap<string, Promise<Result>>,
): Promise<string | null> {
  for (const need of needs) {
    const result = await running.get(need);
    if (result?.kind === 'wrong') return need;
    if (result?.kind === 'not-tried') return result.after;
  }
  return null;
}

async function outcomeOf(probe: Probe): Promise<Outcome> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    return await Promise.race([probe.attempt(signal), aborted(signal)]);
  } catch (error) {
    if (signal.aborted && !(error instanceof TrunklineError)) {
      return wrong(
        `no answer within ${limitMs / 1_000} s`,
        'Check the address, the network and what stands between.',
      );
    }
    return wrongOf(error);
  }
}

/** For probes that wait for what takes no signal. @throws the signal's reason */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Our errors say what is wrong and what to do; of foreign ones only what may be repeated. */
function wrongOf(error: unknown): Outcome {
  if (error instanceof TrunklineError) {
    const { message, remedy } = error;
    if (remedy !== null && message.endsWith(remedy))
      return wrong(message.slice(0, -remedy.length).trim(), remedy);
    return inSentences(message);
  }
  const { name, code, message } = describeError(error);
  return wrong(
    message ?? `unforeseen error ${name}${code === null ? '' : ` (${code})`}`,
    'Run the command again; if it lasts, this is a fault of Trunkline.',
  );
}

/** Of a text that holds both: its first sentence, and what to do behind it. */
export function inSentences(text: string): Outcome {
  const [, said = text, remedy = ''] = /^(.*?[.!])\s+(.+)$/s.exec(text) ?? [];
  return wrong(said, remedy === '' ? 'See docs/operations.md.' : remedy);
}

import { PartUnavailable } from '../obtain/part-unavailable.ts';
import type { Part, PartSource } from './part.ts';

/** Says why a source cannot serve on this machine; the next one is tried. */
export class SourceUnusable extends Error {
  override readonly name = 'SourceUnusable';
}

export type SourceAttempts = Partial<Record<PartSource, () => Promise<Part>>>;

/**
 * The part from the first source that has it.
 *
 * An address in the environment is a person's wish: where it does not answer, nothing else is tried.
 * @throws PartUnavailable naming every source and why it did not serve
 */
export async function fromFirstSource(
  part: string,
  order: readonly PartSource[],
  attempts: SourceAttempts,
  remedy: string,
): Promise<Part> {
  const tried: string[] = [];
  for (const source of order) {
    const attempt = attempts[source];
    if (attempt === undefined) continue;
    try {
      return await attempt();
    } catch (error) {
      if (source === 'environment' && !(error instanceof SourceUnusable)) throw error;
      tried.push(`${source}: ${(error as Error).message}`);
    }
  }
  throw new PartUnavailable(part, tried, remedy);
}

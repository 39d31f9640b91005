import { type IndexEntry, linesOf } from '@trunkline/archive-store';
import type { Stage } from '@trunkline/claim-check/stage';
import { type StagedBlob, TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';

const line = z.object({
  id: z.string(),
  tokens: z.array(z.string()),
  missingTexts: z.number().int().nonnegative().default(0),
});

/** The redactor's index of a batch, with the place at which each conversation is stored. */
export async function* placedEntries(
  stage: Stage,
  index: StagedBlob,
  object: string,
  lineOf: (member: number) => number,
  signal?: AbortSignal,
): AsyncGenerator<IndexEntry> {
  let member = 0;
  for await (const bytes of linesOf(stage.read(index, signal))) {
    const parsed = line.safeParse(safeJson(bytes));
    if (!parsed.success) {
      throw new TrunklineError('STAGE_BLOB_UNREADABLE', {
        message: `${index.name} holds a line that is no entry of an index.`,
        remedy: 'Retry the redaction of the batch.',
      });
    }
    yield { ...parsed.data, object, line: lineOf(member) };
    member++;
  }
}

function safeJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

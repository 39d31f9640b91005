/** What an operator decides about dead letters: to queue them again, or to discard them. */
import type { Pipeline } from '@trunkline/contracts';
import {
  type ArchiveDecision,
  type ArchiveSelection,
  type AuditDecision,
  isActedOn,
  type Selection,
} from '@trunkline/dead-letters';
import { count } from '@trunkline/overview';
import { z } from 'zod';
import type { Done } from './list-page.ts';
import type { DeadLetterPlaces } from './places.ts';
import { given, word } from './query.ts';

/** More boxes than a page has. */
const mostChosen = 1_000;

const filterWord = z.string().regex(word).exactOptional();

/** What the form of a page sends. */
const form = z.object({
  scope: z.enum(['chosen', 'all']),
  id: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((ids) =>
      [ids]
        .flat()
        .filter((id) => id.length <= 600)
        .slice(0, mostChosen),
    ),
  reason: z.string().max(300).default(''),
  /** The filter of the page, for `all`. */
  code: filterWord,
  stream: filterWord,
  window: filterWord,
});

export interface Decision {
  readonly pipeline: Pipeline;
  readonly action: Done['action'];
  /** `null`: all that the filter leaves. */
  readonly chosen: readonly string[] | null;
  readonly filter: {
    readonly code: string | null;
    readonly stream: string | null;
    readonly windowId: string | null;
  };
  /** Empty for what needs none. */
  readonly reason: string;
}

/** @returns the decision, or why it is none, in a sentence for the person */
export function readDecision(pipeline: Pipeline, action: Done['action'], body: unknown): Decision | string {
  const { data } = form.safeParse(body ?? {});
  if (data === undefined) return 'It is not clear which dead letters are meant. Go back and choose again.';
  const { scope, id, code = null, stream = null, window: windowId = null } = data;
  const reason = data.reason.trim();
  if (scope === 'chosen' && id.length === 0)
    return 'Choose the dead letters that are meant: tick the boxes before them.';
  if (action === 'discard' && reason === '')
    return 'A discarded dead letter is kept with a reason: type one.';
  if (action === 'discard' && scope === 'all' && code === null)
    return 'All can be discarded of one reason only: filter first.';
  return {
    pipeline,
    action,
    chosen: scope === 'chosen' ? id : null,
    filter: { code, stream, windowId },
    reason,
  };
}

/** Which dead letters, for the access log. */
export function targetOf({ pipeline, chosen, filter }: Decision): string {
  const words = Object.values(given(filter));
  if (chosen === null)
    return `${pipeline} dead letters, all${words.length === 0 ? '' : ` of ${words.join(', ')}`}`;
  return chosen.length === 1
    ? `${pipeline} dead letter ${chosen[0]}`
    : `${count(chosen.length)} ${pipeline} dead letters`;
}

/** What became of the letters so far. */
export interface Progress {
  readonly done: number;
  /** Not there, dealt with before, or under way already. */
  readonly skipped: number;
}

/**
 * Carries it out, one letter after the other.
 * @param by who decided
 * @param goesOn called with what is done so far, also before an error; answers whether to go on
 */
export async function carryOut(
  decision: Decision,
  places: DeadLetterPlaces,
  by: string,
  goesOn: (progress: Progress) => boolean,
): Promise<void> {
  let [done, skipped] = [0, 0];
  for await (const decided of results(decision, places, by)) {
    if (isActedOn(decided)) done += 1;
    else skipped += 1;
    if (!goesOn({ done, skipped })) return;
  }
}

function results(
  { pipeline, action, chosen, filter, reason }: Decision,
  places: DeadLetterPlaces,
  by: string,
): AsyncIterable<AuditDecision | ArchiveDecision> {
  const { code, stream, windowId } = filter;
  const at = new Date();
  if (pipeline === 'audit') {
    const { desk, worklist } = places.requireAudit();
    const selection: Selection = chosen === null ? { open: given({ code, stream }) } : { ids: chosen };
    return action === 'requeue'
      ? desk.requeue(worklist, selection, by)
      : desk.discard(worklist, selection, { reason, by, at: at.toISOString() });
  }
  const selection: ArchiveSelection =
    chosen === null ? { waiting: given({ code, windowId }) } : { ids: chosen };
  const { archive, compliance, attempts } = places;
  if (action === 'requeue') return archive.requeue(selection);
  const stage = places.requireStage();
  return archive.discard(selection, { reason, by, at, stage, compliance, attempts });
}

import type { LedgerConversation, MediaType, SimulatorControl } from '@trunkline/simulator';

/** As which contract the archive's source served the conversations, and what is known of it. */
export type ServedRendition = {
  /** With it the tokens are made anew; without it only their form is looked at. */
  tokenizationKey?: string | Buffer;
} & (
  | { contract: 'guide' }
  | {
      contract: 'platform';
      /** Whether rows came with the attributes of participants: those of jobs do, those of queries do not; `null`: either. */
      attributes: boolean | null;
    }
);

/** A conversation, and every text that an archive of it may go back to. */
export interface KnownConversation {
  conversation: LedgerConversation;
  sources: string[];
}

/** The conversations of a window, by start. */
export async function* ledgerConversations(
  simulator: SimulatorControl,
  range: { from: string; to: string; media?: MediaType[] },
  rendition: ServedRendition,
): AsyncGenerator<KnownConversation> {
  const listed = (attributes: boolean) =>
    simulator.conversations({
      ...range,
      source: true,
      data: rendition.tokenizationKey !== undefined,
      ...(rendition.contract === 'guide' ? {} : { contract: rendition.contract, attributes }),
    });
  const wanted = rendition.contract === 'guide' ? [false] : attributesOf(rendition.attributes);
  const [first, ...others] = wanted.map(listed);
  if (first === undefined) return;
  for await (const conversation of first) {
    const sources = [conversation.source ?? ''];
    // All of them list the same conversations in the same order.
    for (const other of others) sources.push((await other.next()).value?.source ?? '');
    yield { conversation, sources };
  }
}

/** With them first: what is known of them holds for the other, too. */
function attributesOf(attributes: boolean | null): boolean[] {
  return attributes === null ? [true, false] : [attributes];
}

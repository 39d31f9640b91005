import { z } from 'zod';
import { type Asking, askWhetherThere, type Question } from './asking.ts';
import { type FoundTexts, type MissingText, textOrWhy } from './missing-texts.ts';
import { readReply } from './reply-text.ts';
import { type DocumentTerms, downloadDocument } from './stored-document.ts';

const what = 'a transcript';
const links = 'the links to a transcript';

interface TranscriptLink {
  /** Of the recording that was transcribed, where it is named. */
  recording: string | null;
  url: string;
}

const reply = z.object({
  urls: z
    .array(z.object({ recording: z.object({ id: z.string() }).nullish().catch(null), url: z.string() }))
    .nullish(),
});

/**
 * The transcripts of one communication, each as Genesys stores it: one of every recording; none where it was not recorded or not
 * transcribed.
 */
export async function transcriptsOf(
  asking: Asking,
  terms: DocumentTerms,
  conversation: string,
  communication: string,
): Promise<FoundTexts> {
  const question = linksQuestion(conversation, communication);
  const texts: Buffer[] = [];
  const missing: MissingText[] = [];
  const place = { of: 'transcripts', communicationId: communication } as const;
  const named = await textOrWhy(asking, async () => (await askWhetherThere(asking, question)) ?? []);
  if ('why' in named) return { texts, missing: [{ ...place, ...named }] };
  for (const [index, { url, recording }] of named.text.entries()) {
    const renew = async (): Promise<string> => {
      const renewed = (await askWhetherThere(asking, question)) ?? [];
      const same = renewed.find((one) => recording !== null && one.recording === recording) ?? renewed[index];
      // As it was: a link that has ended is refused again, and that is told.
      return same?.url ?? url;
    };
    const found = await textOrWhy(asking, () => downloadDocument(asking, { what, link: url, renew }, terms));
    if ('text' in found) texts.push(found.text);
    else missing.push({ ...place, ...(recording === null ? {} : { recordingId: recording }), ...found });
  }
  return { texts, missing };
}

function linksQuestion(conversation: string, communication: string): Question<TranscriptLink[]> {
  const ids = [conversation, communication].map(encodeURIComponent);
  return {
    what: links,
    path: `/api/v2/speechandtextanalytics/conversations/${ids[0]}/communications/${ids[1]}/transcripturls`,
    permissions: ['recording:recording:view', 'recording:recordingSegment:view'],
    decode: (body) =>
      (readReply(body, links, reply).urls ?? []).map(({ url, recording }) => ({
        url,
        recording: recording?.id ?? null,
      })),
  };
}

import { z } from 'zod';
import { type Asking, askWhetherThere, type Question } from './asking.ts';
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
 * The transcripts of one communication, each as Genesys stores it: one of every recording.
 * @returns none where it was not recorded or not transcribed
 */
export async function transcriptsOf(
  asking: Asking,
  terms: DocumentTerms,
  conversation: string,
  communication: string,
): Promise<Buffer[]> {
  const question = linksQuestion(conversation, communication);
  const named = (await askWhetherThere(asking, question)) ?? [];
  const transcripts: Buffer[] = [];
  for (const [index, { url, recording }] of named.entries()) {
    const renew = async (): Promise<string> => {
      const renewed = (await askWhetherThere(asking, question)) ?? [];
      const same = renewed.find((one) => recording !== null && one.recording === recording) ?? renewed[index];
      // As it was: a link that has ended is refused again, and that is told.
      return same?.url ?? url;
    };
    transcripts.push(await downloadDocument(asking, { what, link: url, renew }, terms));
  }
  return transcripts;
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

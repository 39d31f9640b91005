import { uuid } from '../../archive/conversation-id.ts';
import type { PersonalDatum } from '../../archive/personal-datum.ts';
import type { Random, Seed } from '../../audit/random.ts';
import { cutNear, type Dialogue, partOf, withinLine } from './dialogue-lines.ts';
import {
  type Outline,
  type Recording,
  type Session,
  steadyRandom,
  transcribedRecordings,
} from './outline.ts';
import { Planted, type Written } from './planted.ts';
import { rawNumber } from './raw-number.ts';

const PURPOSE_TRANSCRIPT = 63;
const WORD_MS = 320;
/** Where speech recognition ends a word inside of a written value: "415-267-1234" is three. */
const WORD_EDGES = /[\s().[\]_-]+/u;
const ORGANIZATION = '7b1f0e9a-4c2d-4f3b-9a5e-2d6cab84f013';

/**
 * The transcript of a recording, as the presigned store holds it. No model of the SDK describes it: its members are
 * those of a document that Genesys published with a tutorial (genesys-api.md, 5).
 *
 * `words` hold every value in pieces; one phrase in eight was heard a second way, which `alternatives` tells.
 */
export function writtenTranscript(
  seed: Seed,
  outline: Outline,
  { recordingId, session }: Recording,
  dialogue: Dialogue,
): Written {
  const random = steadyRandom(seed, PURPOSE_TRANSCRIPT, outline.slot);
  const planted = new Planted();
  const { phone } = outline.person;
  const said = sharedOut(outline, recordingId, dialogue);
  const phrases = phrasesOf(said, session, random, planted);
  const ids = { transcriptId: uuid(random), queueId: uuid(random), userId: uuid(random) };
  const duration = { milliseconds: session.endMs - session.startMs };
  const document = {
    organizationId: ORGANIZATION,
    conversationId: outline.conversationId,
    communicationId: session.sessionId,
    mediaType: session.mediaType === 'voice' ? 'call' : session.mediaType,
    conversationStartTime: outline.startMs,
    startTime: session.startMs,
    duration,
    uri: `/transcript/v1/${ids.transcriptId}`,
    transcripts:
      outline.slot.odd?.kind === 'odd-transcripts'
        ? { lines: null, pages: [[], { n: 1 }] }
        : [
            {
              transcriptId: ids.transcriptId,
              language: 'en-US',
              programId: '',
              startTime: 0,
              duration,
              phrases,
              analytics: {
                sentiment: [{ phrase: 'thank you', sentiment: rawNumber('0.50'), startTimeMs: 0 }],
              },
            },
          ],
    participants: [
      {
        participantPurpose: 'customer',
        initialDirection: 'inbound',
        ...(session.mediaType === 'voice'
          ? {
              ani: planted.plant('PHONE', 'address', phone, phone, '/participants/0/ani', `tel:${phone}`),
              dnis: 'tel:+18005550199',
            }
          : {}),
        startTimeMs: session.startMs,
        endTimeMs: session.endMs,
      },
      {
        participantPurpose: 'agent',
        initialDirection: 'inbound',
        queueId: ids.queueId,
        userId: ids.userId,
        startTimeMs: session.startMs,
        endTimeMs: session.endMs,
      },
    ],
  };
  return { text: JSON.stringify(document), data: planted.data };
}

/** Where several pieces were recorded, each holds a part of what was said. */
function sharedOut(outline: Outline, recordingId: string, dialogue: Dialogue): Dialogue {
  const pieces = transcribedRecordings(outline);
  const place = pieces.findIndex((piece) => piece.recordingId === recordingId);
  const edge = (n: number) => {
    if (n === 0) return 0;
    const near = Math.floor((dialogue.lines.length * n) / pieces.length);
    return n === pieces.length ? dialogue.lines.length : cutNear(dialogue, near);
  };
  return partOf(dialogue, edge(place), edge(place + 1));
}

function phrasesOf(
  dialogue: Dialogue,
  { startMs, endMs }: Session,
  random: Random,
  planted: Planted,
): object[] {
  const { lines, data } = dialogue;
  const at = '/transcripts/0/phrases';
  planted.data.push(...data.map((datum) => inPhrases(datum, at)));
  const eachMs = Math.max(1, Math.floor((endMs - startMs) / Math.max(1, lines.length)));
  const words = lines.map(({ text }) => wordsOf(text));
  planted.data.push(...data.flatMap((datum) => inWords(datum, words, at)));
  return lines.map((line, index) => {
    const heard = words[index] ?? [];
    const startTimeMs = index * eachMs;
    return {
      text: line.text,
      stability: rawNumber('1.0'),
      startTimeMs,
      duration: { milliseconds: eachMs },
      participantPurpose: line.speaker === 'agent' ? 'internal' : 'external',
      words: heard.map((word, place) => ({
        word,
        confidence: rawNumber(`0.${1 + random.below(9)}${random.below(10)}0`),
        startTimeMs: startTimeMs + place * WORD_MS,
        duration: { milliseconds: WORD_MS },
      })),
      alternatives: random.oneIn(8) ? [alternative(dialogue, index, planted, at)] : [],
    };
  });
}

function inPhrases(datum: PersonalDatum, at: string): PersonalDatum {
  const places = datum.places.map(({ pointer, text }) => ({ pointer: `${at}/${pointer}/text`, text }));
  return { ...datum, places };
}

/** The pieces of a value among the words: those that make it up, as many as there are. */
function inWords(datum: PersonalDatum, words: readonly string[][], at: string): PersonalDatum[] {
  const places = datum.places.flatMap(({ pointer, text }) => {
    const pieces = wordsOf(text);
    const spoken = words[Number(pointer)] ?? [];
    const first = spoken.findIndex((_, from) => pieces.every((piece, n) => spoken[from + n] === piece));
    // A value that touches its sentence is no run of words of its own; the phrase's text tells of it.
    if (first < 0) return [];
    return pieces.map((piece, n) => ({ pointer: `${at}/${pointer}/words/${first + n}/word`, text: piece }));
  });
  if (places.length === 0) return [];
  const written = places.map(({ text }) => text).join('\n');
  return [{ ...datum, form: 'words', written, places }];
}

/** Another hearing of the same: it begins a sentence. */
function alternative(dialogue: Dialogue, index: number, planted: Planted, at: string): object {
  const { text = '' } = dialogue.lines[index] ?? {};
  // What runs over phrases is looked for in the phrases themselves; its half here is no value by itself.
  planted.data.push(...withinLine(dialogue, index, `${at}/${index}/alternatives/0/text`));
  return { text: text.charAt(0).toUpperCase() + text.slice(1), stability: rawNumber('0.50') };
}

function wordsOf(text: string): string[] {
  return text.split(WORD_EDGES).filter((word) => word !== '');
}

import { Random, type Seed } from '../audit/random.ts';
import type { Slot } from './calendar.ts';
import { conversationId, uuid } from './conversation-id.ts';
import { harmlessDigits } from './person.ts';
import type { PersonalDatum } from './personal-datum.ts';
import { type PersonShelf, Shelf } from './shelf.ts';

/** A piece of a conversation's JSON text, with the personal data that stand in it. */
export interface Piece {
  bytes: Buffer;
  /** Their pointers, if `firstLine` is not null, are lines counted from it. */
  data: readonly PersonalDatum[];
  firstLine: number | null;
}

const PURPOSE_CUSTOMER = 24;
/** One for each revision. */
const PURPOSE_CONVERSATION = 1000;
/** Below this size a conversation has no participants: they alone are larger. */
const SLIM_BYTES = 3200;
/** An exchange stands half within the size aimed at. */
const HALF_EXCHANGE = 90;
/** While so many bytes are missing, whole chapters are taken. */
const CHAPTERS_ABOVE = 4000;
const NONE: readonly PersonalDatum[] = [];

/** Writes conversations: a slot has the same bytes each time. */
export class ConversationWriter {
  readonly #seed: Seed;
  readonly #people: number;
  readonly #shelf: Shelf;

  /** @param people how many customers there are, who share all conversations */
  constructor(seed: Seed, people: number) {
    this.#seed = seed;
    this.#people = people;
    this.#shelf = new Shelf(seed);
  }

  /** What an item is known by; null where it has no id. */
  idOf({ day, index, odd }: Slot): string | null {
    if (odd?.kind === 'not-object' || odd?.kind === 'without-id') return null;
    return conversationId(this.#seed, day, index);
  }

  /** The number of the customer (see `person`); the same when the archive is rewritten. */
  customerOf({ day, index }: Slot): number {
    return new Random(this.#seed, PURPOSE_CUSTOMER, day * 0x1_0000_0000 + index).below(this.#people);
  }

  /** The JSON text of an item, piece by piece, so that one of any size takes no memory. */
  *pieces(slot: Slot): Generator<Piece> {
    const { odd } = slot;
    if (odd?.kind === 'not-object') {
      yield { bytes: Buffer.from(odd.value), data: NONE, firstLine: null };
      return;
    }
    const random = new Random(
      this.#seed,
      PURPOSE_CONVERSATION + slot.revision,
      slot.day * 0x1_0000_0000 + slot.index,
    );
    const shelf = this.#shelf.of(this.customerOf(slot));
    const head = this.#head(slot, shelf, random);
    yield head;
    if (odd?.kind === 'odd-transcripts') {
      yield { bytes: Buffer.from('{"lines":null,"pages":[[],{"n":1}]}}'), data: NONE, firstLine: null };
      return;
    }
    const opening =
      slot.revision === 0 ? 'Agent: Good morning.' : `Agent: Good morning. (edited ${slot.revision})`;
    let bytes = head.bytes.length + opening.length + 5;
    yield { bytes: Buffer.from(`[${JSON.stringify(opening)}`), data: NONE, firstLine: null };

    const { exchanges, chapters } =
      slot.media === 'voice' || slot.media === 'callback' ? shelf.voice : shelf.text;
    const aim = slot.bytes === null ? null : slot.bytes - HALF_EXCHANGE;
    let left = aim === null ? 6 + random.below(10) : Number.POSITIVE_INFINITY;
    for (let line = 1; left > 0 && (aim === null || bytes < aim); left--) {
      const exchange = random.pick(aim !== null && aim - bytes > CHAPTERS_ABOVE ? chapters : exchanges);
      yield { bytes: exchange.bytes, data: exchange.data, firstLine: line };
      bytes += exchange.bytes.length;
      line += exchange.lines;
    }
    yield { bytes: CLOSING, data: NONE, firstLine: null };
  }

  /** Everything up to the value of `transcripts`. */
  #head(slot: Slot, { person, fields }: PersonShelf, random: Random): Piece {
    const { startMs, media, odd, bytes } = slot;
    const start = new Date(startMs).toISOString();
    const end = new Date(startMs + 60_000 + random.below(1_800_000)).toISOString();
    const id = this.idOf(slot);
    const idMember = id === null ? '' : `"${odd?.kind === 'id-member' ? 'id' : 'conversationId'}":"${id}",`;
    const common = `{${idMember}"conversationStart":"${start}","conversationEnd":"${end}","mediaType":"${media}","region":"${person.region}",`;
    if (bytes !== null && bytes < SLIM_BYTES) {
      return { bytes: Buffer.from(`${common}"transcripts":`), data: NONE, firstLine: null };
    }
    const isVoice = media === 'voice' || media === 'callback';
    const depth = odd?.kind === 'deep' ? odd.depth : 0;
    const deep = depth === 0 ? '' : `"deep":${'{"d":'.repeat(depth)}null${'}'.repeat(depth)},`;
    const text =
      `${common}"originatingDirection":"inbound","divisionIds":["${uuid(random)}"],` +
      // Digits that doubles cannot hold, and spellings that a round trip through them would change.
      `"sequence":${harmlessDigits(random, 19)},"mediaStatsMinConversationMos":4.${harmlessDigits(random, 21)},` +
      `"cost":1.${10 + random.below(90)}0e+2,"drift":-0.0,"tiny":5E-${300 + random.below(90)},${deep}` +
      `"participants":[{"participantId":"${uuid(random)}",${fields.participant}"sessions":[{` +
      `"sessionId":"${uuid(random)}","mediaType":"${media}",${isVoice ? fields.voiceSession : fields.textSession}` +
      `"segments":[{"segmentStart":"${start}","segmentEnd":"${end}",${fields.segment}"segmentType":"interact","wrapUpCode":"${uuid(random)}"}],` +
      `"metrics":[{"name":"tTalk","value":${random.below(90_000)}.${random.below(1000)}0,"emitDate":"${end}"}]}]},` +
      `{"participantId":"${uuid(random)}","purpose":"agent","userId":"${uuid(random)}","sessions":[]}],"transcripts":`;
    const data = [
      ...fields.participantData,
      ...(isVoice ? fields.voiceData : fields.textData),
      ...fields.segmentData,
    ];
    return { bytes: Buffer.from(text), data, firstLine: null };
  }
}

const CLOSING = Buffer.from(',"Customer: bye"]}');

import { Random, type Seed } from '../audit/random.ts';
import { type CustomerFields, customerFields } from './customer-fields.ts';
import { type Exchange, exchangesOf } from './dialogue.ts';
import { type Person, person } from './person.ts';
import type { PersonalDatum } from './personal-datum.ts';

/** An exchange as it stands in a body: JSON strings with a comma before each. */
interface ShelvedExchange {
  bytes: Buffer;
  lines: number;
  data: readonly PersonalDatum[];
}

/** What a person says on one kind of channel. */
interface Repertoire {
  exchanges: readonly ShelvedExchange[];
  /** The same, several in one piece: long conversations are copied from larger pieces, which is several times faster. */
  chapters: readonly ShelvedExchange[];
}

/** What a person says and is, ready to be copied. */
export interface PersonShelf {
  person: Person;
  fields: CustomerFields;
  voice: Repertoire;
  text: Repertoire;
}

const CHAPTER_EXCHANGES = 12;
/** About 40 KB each. */
const SLOTS = 1024;
const PURPOSE_EXCHANGES = 23;

/**
 * Pieces of conversations by person, written once. Copying them is what makes bodies come at hundreds of megabytes a
 * second; what is not on the shelf is written anew, to the same bytes.
 */
export class Shelf {
  readonly #seed: Seed;
  readonly #slots: (PersonShelf | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(seed: Seed) {
    this.#seed = seed;
  }

  of(number: number): PersonShelf {
    const shelved = this.#slots[number % SLOTS];
    if (shelved?.person.number === number) return shelved;
    const filled = this.#fill(number);
    this.#slots[number % SLOTS] = filled;
    return filled;
  }

  #fill(number: number): PersonShelf {
    const somebody = person(this.#seed, number);
    const random = new Random(this.#seed, PURPOSE_EXCHANGES, number);
    const exchanges = exchangesOf(somebody, random);
    const shelved = exchanges.map((exchange) => shelve(exchange, random.oneIn(3)));
    const of = (...channels: Exchange['channel'][]) =>
      shelved.filter((_, index) => channels.includes((exchanges[index] as Exchange).channel));
    return {
      person: somebody,
      fields: customerFields(somebody),
      voice: repertoire(of('voice', 'both'), random),
      text: repertoire(of('text', 'both'), random),
    };
  }
}

function repertoire(exchanges: readonly ShelvedExchange[], random: Random): Repertoire {
  const shuffled = exchanges
    .map((exchange) => ({ exchange, order: random.word() }))
    .sort((a, b) => a.order - b.order)
    .map(({ exchange }) => exchange);
  const chapters: ShelvedExchange[] = [];
  for (let at = 0; at < shuffled.length; at += CHAPTER_EXCHANGES) {
    chapters.push(shuffled.slice(at, at + CHAPTER_EXCHANGES).reduce(joined));
  }
  return { exchanges, chapters };
}

function joined(one: ShelvedExchange, other: ShelvedExchange): ShelvedExchange {
  const moved = other.data.map((datum) => ({
    ...datum,
    places: datum.places.map(({ pointer, text }) => ({ pointer: String(Number(pointer) + one.lines), text })),
  }));
  return {
    bytes: Buffer.concat([one.bytes, other.bytes]),
    lines: one.lines + other.lines,
    data: [...one.data, ...moved],
  };
}

/** @param escaped whether characters beyond ASCII are written as `\uXXXX`, and the slash as `\/` */
function shelve({ lines, data }: Exchange, escaped: boolean): ShelvedExchange {
  const json = lines
    .map((line) => `,${escaped ? inAscii(JSON.stringify(line)) : JSON.stringify(line)}`)
    .join('');
  return { bytes: Buffer.from(json), lines: lines.length, data };
}

function inAscii(json: string): string {
  return json
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/\//g, '\\/');
}

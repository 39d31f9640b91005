import type { LedgerPersonalDatum } from '@trunkline/simulator';

/** Texts are looked through by the first characters of what is looked for. */
const gramLength = 6;
/** From this length on a value is known by itself; a shorter one counts only where nothing is glued to it. */
const longLength = 9;

/** Personal data as somebody wrote them, to be looked for in texts where they must not be. */
export class WrittenValues {
  readonly #byGram = new Map<string, Map<string, string>>();
  /** Which beginnings of three characters there are: most places of a text are passed over by it. */
  readonly #beginnings = new Uint8Array(0x1_0000);
  #size = 0;

  /** Every writing of these data, and for those that are known by more than one writing the plain value, too. */
  static of(
    data: Iterable<Pick<LedgerPersonalDatum, 'type' | 'form' | 'canonical' | 'places'>>,
  ): WrittenValues {
    const values = new WrittenValues();
    for (const { type, form, canonical, places } of data) {
      const what = `${type}:${form}`;
      const parts = places.map(({ text }) => text);
      // Pieces of a value among the words of a transcript are known by their run.
      const texts = form === 'words' ? [parts.join(' '), parts.join('')] : parts;
      for (const text of texts) values.#add(text, what);
      if (type !== 'NAME') values.#add(canonical.replace(/^\+/, ''), what);
      if (type === 'EMAIL') values.#add(canonical.split('@')[0] ?? '', what);
    }
    return values;
  }

  /** How many different ones there are. */
  get size(): number {
    return this.#size;
  }

  /** Without those that are part of one of these texts: they may stand where those stand. */
  except(texts: Iterable<string>): WrittenValues {
    const allowed = [...texts].map((text) => text.toLowerCase()).join('\n');
    const values = new WrittenValues();
    for (const found of this.#byGram.values()) {
      for (const [value, what] of found) if (!allowed.includes(value)) values.#add(value, what);
    }
    return values;
  }

  /** What of it stands in a text: type and form with the value, each once. */
  foundIn(text: string): string[] {
    const found = new Set<string>();
    const lower = text.toLowerCase();
    for (let at = 0; at + gramLength <= lower.length; at++) {
      if (this.#beginnings[beginning(lower, at)] === 0) continue;
      const candidates = this.#byGram.get(lower.slice(at, at + gramLength));
      if (candidates === undefined) continue;
      for (const [value, what] of candidates) {
        if (lower.startsWith(value, at) && stands(lower, at, value)) found.add(`${what} ${value}`);
      }
    }
    return [...found];
  }

  #add(text: string, what: string): void {
    const value = text.toLowerCase();
    // Six digits stand in any measure of time or size by chance.
    if (value.length < gramLength || (value.length < longLength && /^\d+$/.test(value))) return;
    const gram = value.slice(0, gramLength);
    this.#beginnings[beginning(value, 0)] = 1;
    const known = this.#byGram.get(gram) ?? new Map<string, string>();
    this.#byGram.set(gram, known);
    if (known.has(value)) return;
    known.set(value, what);
    this.#size += 1;
  }
}

/** Of three characters; different ones may have the same. */
function beginning(text: string, at: number): number {
  return (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) & 0xffff;
}

function stands(text: string, at: number, value: string): boolean {
  if (value.length >= longLength) return true;
  return !/[\p{L}\d]/u.test(text.charAt(at - 1)) && !/[\p{L}\d]/u.test(text.charAt(at + value.length));
}

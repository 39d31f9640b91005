import { type Redactor, redactDocument } from '@trunkline/redaction';
import { conversationFacts } from './conversation-facts.ts';
import { type EngineSettings, engineOf, tokenExpression } from './engine-settings.ts';

/** Why a line is no redacted conversation; codes of docs/errors.md. */
export type RefusalCode = 'ARCHIVE_CONVERSATION_MALFORMED' | 'ARCHIVE_CONVERSATION_UNREDACTABLE';

export interface RedactedLines {
  /** NDJSON of the conversations. */
  readonly redacted: Uint8Array;
  /** NDJSON, a line a conversation: its id, its tokens, sorted, each once, and how many texts it is without, where it is. */
  readonly index: Uint8Array;
  readonly conversations: number;
  readonly missingTexts: number;
  /** Values replaced, by type. */
  readonly counts: Readonly<Record<string, number>>;
  /** Lines that are none, by their place among those given. */
  readonly refused: ReadonlyArray<{ readonly line: number; readonly code: RefusalCode }>;
}

/** Lines of NDJSON in, redacted ones out: pure, and never throws at what a line holds. */
export class LineRedactor {
  readonly #redactor: Redactor;
  readonly #token: RegExp;

  /** @throws RedactionError where the settings are wrong */
  constructor(settings: EngineSettings) {
    this.#redactor = engineOf(settings);
    this.#token = tokenExpression(settings);
  }

  /** @param skip places of lines that are refused unseen: they are dead letters already */
  redact(lines: Buffer, skip: ReadonlySet<number> = new Set()): RedactedLines {
    const redacted: Buffer[] = [];
    const index: Buffer[] = [];
    const counts: Record<string, number> = {};
    const refused: { line: number; code: RefusalCode }[] = [];
    let missingTexts = 0;
    let line = 0;
    for (const { from, to } of lineRanges(lines)) {
      const outcome = skip.has(line)
        ? 'ARCHIVE_CONVERSATION_UNREDACTABLE'
        : this.#redactOne(lines.subarray(from, to));
      if (typeof outcome === 'string') {
        refused.push({ line, code: outcome });
      } else {
        redacted.push(Buffer.from(`${outcome.json}\n`, 'utf8'));
        const { id, tokens, missingTexts: missing } = outcome;
        const entry = missing === 0 ? { id, tokens } : { id, tokens, missingTexts: missing };
        index.push(Buffer.from(`${JSON.stringify(entry)}\n`, 'utf8'));
        missingTexts += missing;
        for (const [type, count] of Object.entries(outcome.counts))
          counts[type] = (counts[type] ?? 0) + count;
      }
      line++;
    }
    return {
      redacted: whole(redacted),
      index: whole(index),
      conversations: redacted.length,
      missingTexts,
      counts,
      refused,
    };
  }

  #redactOne(line: Buffer): RefusalCode | RedactedConversation {
    let text: string;
    try {
      text = utf8.decode(line);
    } catch {
      return 'ARCHIVE_CONVERSATION_MALFORMED';
    }
    try {
      const facts = conversationFacts(line);
      if (facts === null) return 'ARCHIVE_CONVERSATION_MALFORMED';
      const { json, counts } = redactDocument(this.#redactor, text, {
        policy: [{ path: facts.idMember, action: 'keep' }],
        region: facts.region ?? undefined,
      });
      const tokens = [...new Set(json.match(this.#token) ?? [])].sort();
      return { json, id: facts.id, tokens, counts, missingTexts: facts.missingTexts };
    } catch {
      // What it threw may quote the conversation.
      return 'ARCHIVE_CONVERSATION_UNREDACTABLE';
    }
  }
}

interface RedactedConversation {
  readonly json: string;
  readonly id: string;
  readonly tokens: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly missingTexts: number;
}

/** Strict: bytes that are no UTF-8 would come out as other bytes. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const lineFeed = 0x0a;

/** Where the lines stand, without their line ends; the last one may lack its. */
export function* lineRanges(lines: Buffer): Generator<{ from: number; to: number }> {
  for (let from = 0; from < lines.length; ) {
    const end = lines.indexOf(lineFeed, from);
    const to = end === -1 ? lines.length : end;
    yield { from, to };
    from = to + 1;
  }
}

/** In memory of its own, which can be handed to another thread. */
function whole(parts: readonly Buffer[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

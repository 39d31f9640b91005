import type { AuditEvent } from './audit-event.ts';
import {
  contextText,
  type DocumentContext,
  type DocumentForm,
  documentText,
  isAsItCame,
} from './document.ts';

/** One event of a `_bulk` request. */
export interface BulkItem {
  readonly event: AuditEvent;
  readonly context: DocumentContext;
  readonly form: DocumentForm;
  /** About how many bytes it takes in the request. */
  readonly bytes: number;
}

/** What an item has beside its event's text: the action line and Trunkline's fields. */
const overheadBytes = 320;

export function bulkItem(event: AuditEvent, context: DocumentContext, form: DocumentForm): BulkItem {
  const copies = isAsItCame(event, form) ? 1 : 2;
  return { event, context, form, bytes: event.bytes.length * copies + overheadBytes };
}

/**
 * The body of a `_bulk` request: each item creates its event's document, and never replaces one (`create`); what is there
 * already answers 409.
 *
 * Written when it is sent and not before, so that no copy of the events waits in memory beside them; and as bytes item by item:
 * as one string it would take two bytes a character as soon as one event holds one beyond Latin-1, and be copied twice more.
 *
 * @param memory where it may be written, for whoever makes one body after another; it is in use as long as the body is
 */
export function bulkBody(items: readonly BulkItem[], memory?: Buffer): Buffer {
  const needed = items.reduce((sum, item) => sum + item.bytes, 0);
  const writer = new BodyWriter(
    memory !== undefined && memory.length >= needed ? memory : Buffer.allocUnsafeSlow(needed),
  );
  for (const { event, context, form } of items) {
    writer.piece(event.index, openAction);
    writer.string(event.id);
    if (event.routing === null) writer.bytes(endAction);
    else writer.piece(event.routing, endRoutedAction);
    writeDocument(writer, event, context, form);
    writer.byte(LINE_FEED);
  }
  return writer.written();
}

const openAction = (index: string): string => `{"create":{"_index":"${index}","_id":`;
const endAction = Buffer.from('}}\n');
const endRoutedAction = (routing: string): string => `,"routing":${JSON.stringify(routing)}}}\n`;
const endDigest = Buffer.from('"},');

/** The document of `documentText`, on one line, in UTF-8. */
function writeDocument(
  writer: BodyWriter,
  event: AuditEvent,
  context: DocumentContext,
  form: DocumentForm,
): void {
  const { bytes } = event;
  // A raw line break can only be white space between tokens, and would end the document here. It can only come from the event.
  const oneLine = !bytes.includes(LINE_FEED);
  if (oneLine && isAsItCame(event, form)) {
    writer.piece(context, contextText);
    writer.ascii(event.digest);
    writer.bytes(endDigest);
    writer.bytes(bytes, bytes.indexOf(OPEN_BRACE) + 1);
    return;
  }
  const document = documentText(event, context, form);
  writer.text(oneLine ? document : document.replace(/[\r\n]+/g, ' '));
}

/** Bytes one after the other, in memory that grows where the guess was too small. */
class BodyWriter {
  #memory: Buffer;
  #length = 0;
  readonly #pieces = new Map<unknown, Buffer>();

  constructor(memory: Buffer) {
    this.#memory = memory;
  }

  /** The text that is made of something, made once where many items share it. @param make always the same for the same kind */
  piece<Of>(of: Of, make: (of: Of) => string): void {
    let piece = this.#pieces.get(of);
    if (piece === undefined) {
      piece = Buffer.from(make(of));
      this.#pieces.set(of, piece);
    }
    this.bytes(piece);
  }

  /** As a JSON string. */
  string(text: string): void {
    if (needsNoEscape.test(text)) {
      this.byte(QUOTE);
      this.ascii(text);
      this.byte(QUOTE);
    } else this.text(JSON.stringify(text));
  }

  text(text: string): void {
    this.#need(text.length * 3); // no UTF-16 unit takes more bytes
    this.#length += this.#memory.write(text, this.#length);
  }

  ascii(text: string): void {
    this.#need(text.length);
    this.#length += this.#memory.write(text, this.#length, 'latin1');
  }

  /** @param from the first of them that counts */
  bytes(bytes: Buffer, from = 0): void {
    this.#need(bytes.length);
    this.#length += bytes.copy(this.#memory, this.#length, from);
  }

  byte(byte: number): void {
    this.#need(1);
    this.#memory[this.#length++] = byte;
  }

  written(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  #need(bytes: number): void {
    if (this.#length + bytes <= this.#memory.length) return;
    const grown = Buffer.allocUnsafeSlow((this.#length + bytes) * 2);
    this.#memory.copy(grown, 0, 0, this.#length);
    this.#memory = grown;
  }
}

/** The ids of almost all events. */
const needsNoEscape = /^[\w-]+$/;
const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

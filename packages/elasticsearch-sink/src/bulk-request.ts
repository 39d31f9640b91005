import type { AuditEvent } from './audit-event.ts';
import {
  type DocumentContext,
  type DocumentForm,
  documentText,
  isAsItCame,
  openAsItCame,
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
 */
export function bulkBody(items: readonly BulkItem[]): Buffer {
  const writer = new BodyWriter(items.reduce((sum, item) => sum + item.bytes, 0));
  for (const { event, context, form } of items) {
    const routing = event.routing === null ? '' : `,"routing":${JSON.stringify(event.routing)}`;
    writer.text(`{"create":{"_index":"${event.index}","_id":${JSON.stringify(event.id)}${routing}}}\n`);
    writeDocument(writer, event, context, form);
    writer.text('\n');
  }
  return writer.written();
}

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
    writer.text(openAsItCame(event, context));
    writer.bytes(bytes.subarray(bytes.indexOf(OPEN_BRACE) + 1));
    return;
  }
  const document = documentText(event, context, form);
  writer.text(oneLine ? document : document.replace(/[\r\n]+/g, ' '));
}

/** Bytes one after the other, in memory that grows where the guess was too small. */
class BodyWriter {
  #memory: Buffer;
  #length = 0;

  constructor(guess: number) {
    this.#memory = Buffer.allocUnsafeSlow(guess);
  }

  text(text: string): void {
    this.#need(text.length * 3); // no UTF-16 unit takes more bytes
    this.#length += this.#memory.write(text, this.#length);
  }

  bytes(bytes: Buffer): void {
    this.#need(bytes.length);
    this.#memory.set(bytes, this.#length);
    this.#length += bytes.length;
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

const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;

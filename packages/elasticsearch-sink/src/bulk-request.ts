import type { AuditEvent } from './audit-event.ts';
import { type DocumentContext, type DocumentForm, documentText } from './document.ts';

/** One event of a `_bulk` request. */
export interface BulkItem {
  readonly event: AuditEvent;
  readonly context: DocumentContext;
  readonly form: DocumentForm;
  /** About how many bytes it takes in the request: exact but for names and values beyond ASCII. */
  readonly bytes: number;
}

/** What an item has beside its event's text: the action line and Trunkline's fields. */
const overheadBytes = 300;

export function bulkItem(event: AuditEvent, context: DocumentContext, form: DocumentForm): BulkItem {
  const copies = form === 'fitting' && event.troubles.size === 0 ? 1 : 2;
  return { event, context, form, bytes: event.text.length * copies + overheadBytes };
}

/**
 * The body of a `_bulk` request: each item creates its event's document, and never replaces one (`create`); what is there
 * already answers 409.
 *
 * Written when it is sent and not before, so that no copy of the events waits in memory beside them; and as bytes item by item:
 * as one string it would take two bytes a character as soon as one event holds one beyond Latin-1, and be copied twice more.
 */
export function bulkBody(items: readonly BulkItem[]): Buffer {
  return Buffer.concat(items.map((item) => Buffer.from(linesOf(item))));
}

function linesOf({ event, context, form }: BulkItem): string {
  const routing = event.routing === null ? '' : `,"routing":${JSON.stringify(event.routing)}`;
  const document = documentText(event, context, form);
  // A raw line break can only be white space between tokens, and would end the document here. It can only come from the event.
  const line = event.text.includes('\n') ? document.replace(/[\r\n]+/g, ' ') : document;
  return `{"create":{"_index":"${event.index}","_id":${JSON.stringify(event.id)}${routing}}}\n${line}\n`;
}

import type { AuditEvent } from './audit-event.ts';
import { type DocumentContext, type DocumentForm, documentText } from './document.ts';

/** One event of a `_bulk` request: its two lines, ready to be sent. */
export interface BulkItem {
  readonly event: AuditEvent;
  readonly form: DocumentForm;
  readonly lines: string;
  /** Of `lines` in UTF-8. */
  readonly bytes: number;
}

/**
 * An item that creates the event's document, and never replaces one (`create`): what is there already answers 409.
 */
export function bulkItem(event: AuditEvent, context: DocumentContext, form: DocumentForm): BulkItem {
  const routing = event.routing === null ? '' : `,"routing":${JSON.stringify(event.routing)}`;
  const action = `{"create":{"_index":"${event.index}","_id":${JSON.stringify(event.id)}${routing}}}`;
  const document = documentText(event, context, form);
  // A raw line break can only be white space between tokens, and would end the document here.
  const line = document.includes('\n') ? document.replace(/[\r\n]+/g, ' ') : document;
  const lines = `${action}\n${line}\n`;
  return { event, form, lines, bytes: Buffer.byteLength(lines) };
}

/** The body of a `_bulk` request. */
export function bulkBody(items: readonly BulkItem[]): string {
  let body = '';
  for (const item of items) body += item.lines;
  return body;
}

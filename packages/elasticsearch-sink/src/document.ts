import { memberTexts } from '@trunkline/json-source';
import type { AuditEvent } from './audit-event.ts';
import { eventFields, fits, isScalarText } from './event-fields.ts';
import { scanText } from './event-text.ts';

/** What Trunkline adds to the events of a batch. */
export interface DocumentContext {
  stream: string;
  /** ISO 8601. */
  ingestedAt: string;
}

/**
 * `fitting`: as the event came, or with only its harmless fields where it has troubles; `bare`: the plain scalars alone,
 * for an event that Elasticsearch has refused in its fitting form.
 */
export type DocumentForm = 'fitting' | 'bare';

/**
 * The document of an event: its source text byte for byte with Trunkline's fields spliced in front, so that no number
 * passes through a double.
 *
 * An event with troubles keeps the searched fields that are harmless, and its whole source text stands in
 * `trunkline.setAside`, which Elasticsearch stores and never looks into.
 */
export function documentText(event: AuditEvent, context: DocumentContext, form: DocumentForm): string {
  const { text } = event;
  if (isAsItCame(event, form)) return `${openDocument(event, context)}},${text.slice(text.indexOf('{') + 1)}`;
  const reasons = form === 'bare' ? [...event.troubles, 'refused'] : [...event.troubles];
  const aside = `,"setAsideFor":${JSON.stringify(reasons)},"setAside":${JSON.stringify(text)}}`;
  return `${openDocument(event, context)}${aside}${harmlessMembers(text, form)}}`;
}

/**
 * The event's source text out of a document's source text.
 * @param source `_source` as its text, with numbers as they stand there
 * @returns `null` where the document was not written by Trunkline
 */
export function eventTextOf(source: string): string | null {
  const own = memberTexts(source).get('trunkline');
  if (own === undefined) return null;
  const aside = memberTexts(own).get('setAside');
  if (aside !== undefined) return JSON.parse(aside) as string;
  const start =
    /^\{"ingestedAt":"[^"]*","trunkline":\{"stream":"(?:[^"\\]|\\.)*","digest":"[0-9a-f]*"\},/.exec(source);
  return start === null ? null : `{${source.slice(start[0].length)}`;
}

/** Whether the document is the event's source text with Trunkline's fields in front, and nothing set aside. */
export function isAsItCame(event: AuditEvent, form: DocumentForm): boolean {
  return form === 'fitting' && event.troubles.size === 0;
}

/** What every document begins with, up to its digest: the same for all events of a batch. */
export function contextText({ ingestedAt, stream }: DocumentContext): string {
  return `{"ingestedAt":"${ingestedAt}","trunkline":{"stream":${JSON.stringify(stream)},"digest":"`;
}

function openDocument(event: AuditEvent, context: DocumentContext): string {
  return `${contextText(context)}${event.digest}"`;
}

function harmlessMembers(text: string, form: DocumentForm): string {
  let out = '';
  for (const [name, memberText] of memberTexts(text)) {
    const kind = eventFields.get(name);
    if (kind === undefined) continue;
    const harmless = form === 'bare' ? kind !== 'object' && isScalarText(memberText) : fits(kind, memberText);
    if (harmless && scanText(memberText)?.oddities.size === 0) out += `,"${name}":${memberText}`;
  }
  return out;
}

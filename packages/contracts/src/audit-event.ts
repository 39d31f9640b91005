/** The longest event id that can be an Elasticsearch `_id`, in bytes of UTF-8 (Elasticsearch refuses more). */
export const maxEventIdBytes = 512;

/**
 * The id of a parsed audit event, or `null` where the value is not an event: it is then dead-lettered alone.
 * Only the id decides: every other field may be missing, null or malformed and the event is still indexed.
 * Source: guide contract, "Audit event stream".
 */
export function eventIdOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const id = (value as Record<string, unknown>)['id'];
  // Half a surrogate pair has no UTF-8: two ids could become one on the way.
  if (typeof id !== 'string' || id === '' || !id.isWellFormed()) return null;
  if (Buffer.byteLength(id) > maxEventIdBytes) return null;
  return id;
}

/** What a request wants of a body. */
export type WantedBytes =
  | { kind: 'whole' }
  /** [first, end) */
  | { kind: 'part'; first: number; end: number }
  | { kind: 'unsatisfiable' };

/**
 * Reads `Range` (RFC 9110, 14): one range of bytes. Several, other units and what is malformed count as absent.
 * @param length bytes of the body
 */
export function wantedBytes(range: string | undefined, length: number): WantedBytes {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.trim() ?? '');
  if (match === null) return { kind: 'whole' };
  const [, from, to] = match as unknown as [string, string, string];
  if (from === '') {
    if (to === '') return { kind: 'whole' };
    const suffix = Math.min(Number(to), length);
    return suffix === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', first: length - suffix, end: length };
  }
  const first = Number(from);
  const end = to === '' ? length : Math.min(Number(to) + 1, length);
  if (to !== '' && Number(to) < first) return { kind: 'whole' };
  return first >= length ? { kind: 'unsatisfiable' } : { kind: 'part', first, end };
}

import { z } from 'zod';

/** [from, to), epoch ms. */
export interface Interval {
  fromMs: number;
  toMs: number;
  /** As it was sent. */
  text: string;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/**
 * An ISO 8601 interval of two date-times with `T` and zone, `2025-01-01T00:00:00Z/2025-01-02T00:00:00Z`.
 *
 * A period in place of the second, and dates alone, are refused, though the real service may take some of them: a client
 * has no need of them.
 */
export const intervalSchema = z.string().transform((text, context): Interval => {
  const parts = text.split('/');
  const [from = '', to = ''] = parts;
  const fromMs = DATE_TIME.test(from) ? Date.parse(from) : Number.NaN;
  const toMs = DATE_TIME.test(to) ? Date.parse(to) : Number.NaN;
  if (parts.length === 2 && fromMs < toMs) return { fromMs, toMs, text };
  context.addIssue({
    code: 'custom',
    message: 'must be an ISO 8601 interval, from/to, whose end is after its start',
  });
  return z.NEVER;
});

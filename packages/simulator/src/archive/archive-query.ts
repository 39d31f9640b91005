import { z } from 'zod';
import { MEDIA_TYPES, type MediaType } from './archive-settings.ts';

/** A query as it was asked, read. */
export interface ArchiveQuery {
  fromMs: number;
  toMs: number;
  size: number;
  /** In the order of `MEDIA_TYPES`; null = all. */
  media: MediaType[] | null;
}

export type ParsedQuery = { ok: true; query: ArchiveQuery } | { ok: false; problem: string };

/** Storage classes of S3 that a query may name (the documented ones for objects). */
const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
];
/** Genesys Cloud refuses longer intervals. */
const LONGEST_MS = 31 * 86_400_000;

const time = z.iso.datetime({ offset: true });

/** Unknown members are refused: a misspelt one would go unnoticed in tests otherwise. */
const querySchema = z
  .strictObject({
    from: time,
    to: time,
    size: z.int().min(1).max(1000).default(100),
    filter: z
      .array(z.strictObject({ type: z.literal('in'), clause: z.string() }))
      .max(20)
      .default([]),
  })
  .superRefine(({ from, to, filter }, context) => {
    const length = Date.parse(to) - Date.parse(from);
    if (length <= 0) context.addIssue({ code: 'custom', path: ['from'], message: 'must be before to' });
    if (length > LONGEST_MS)
      context.addIssue({ code: 'custom', path: ['to'], message: 'at most 31 days after from' });
    for (const [index, { clause }] of filter.entries()) {
      if (mediaOf(clause) !== null) continue;
      const message = `must be mediaType= and one of ${MEDIA_TYPES.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['filter', index, 'clause'], message });
    }
  });

/**
 * Reads body and storage class of a query.
 * @returns a problem that names every member that is wrong
 */
export function parseQuery(body: Buffer, storageClass: string | string[] | undefined): ParsedQuery {
  if (typeof storageClass !== 'string' || !STORAGE_CLASSES.includes(storageClass)) {
    const said = storageClass === undefined ? 'is missing' : 'is not known';
    return {
      ok: false,
      problem: `The header X-Genesys-Storage-Class ${said}: it must be one of ${STORAGE_CLASSES.join(', ')}.`,
    };
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { ok: false, problem: 'The request body is not valid JSON.' };
  }
  const result = querySchema.safeParse(value);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'body'}: ${message}`,
    );
    return { ok: false, problem: `The request is not valid. ${problems.join('; ')}` };
  }
  const { from, to, size, filter } = result.data;
  const asked = filter.map(({ clause }) => mediaOf(clause));
  const media = asked.length === 0 ? null : MEDIA_TYPES.filter((type) => asked.includes(type));
  return { ok: true, query: { fromMs: Date.parse(from), toMs: Date.parse(to), size, media } };
}

function mediaOf(clause: string): MediaType | null {
  const value = /^mediaType=(\w+)$/.exec(clause)?.[1];
  return MEDIA_TYPES.find((type) => type === value) ?? null;
}

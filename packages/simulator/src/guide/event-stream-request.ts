import { z } from 'zod';
import { DEFAULT_FILTERS, filterSchema } from './filter.ts';

/** The body of a poll. Unknown members are refused: a misspelt one would go unnoticed in tests otherwise. */
const requestSchema = z.strictObject({
  eventTypes: z.tuple([z.literal('auditlogs')]),
  filters: z.array(filterSchema).max(20).default(DEFAULT_FILTERS),
  cursor: z.string().min(1).optional(),
  limit: z.int().min(1).max(100).default(25),
});

export type EventStreamRequest = z.output<typeof requestSchema>;

export type ParsedRequest = { ok: true; request: EventStreamRequest } | { ok: false; problem: string };

/** Reads the body of a poll; a problem names every member that is wrong. */
export function parseRequest(body: Buffer): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { ok: false, problem: 'The request body is not valid JSON.' };
  }
  const result = requestSchema.safeParse(value);
  if (result.success) return { ok: true, request: result.data };
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  return { ok: false, problem: `The request is not valid. ${problems.join('; ')}` };
}

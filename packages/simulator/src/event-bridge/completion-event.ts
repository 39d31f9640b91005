import { z } from 'zod';

const measure = z.number().min(0);
const word = z.string().min(1);

/** The completion event of the guide contract: more members may be added, none of these removed. */
const completionEventSchema = z.looseObject({
  event: z.literal('archive.completed'),
  metrics: z.looseObject({
    bytes_transferred: z.int().min(0),
    duration_seconds: measure,
    throughput_mbps: measure,
    estimated_cost_usd: measure,
  }),
  audit: z.looseObject({
    timestamp: z.iso.datetime({ offset: true }),
    action: word,
    conversation_id: word,
    status: z.enum(['SUCCESS', 'FAILURE']),
    checksum: word,
  }),
});

export type CompletionEvent = z.output<typeof completionEventSchema>;

/** What is wrong with a body: a line for each member; none where it is a completion event. */
export function problemsOf(body: unknown): string[] {
  const result = completionEventSchema.safeParse(body);
  if (result.success) return [];
  return result.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
}

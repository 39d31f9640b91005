import { z } from 'zod';
import { assemble, type EventParts, type EventWriter } from './event.ts';
import { Random, type Seed } from './random.ts';

const earlier = z.int().min(0).optional();

/** An event that a test puts into the stream: what is odd about it, and its measure. */
export const oddEventSchema = z.discriminatedUnion('kind', [
  /** An `ipAddress` that is none. */
  z.strictObject({ kind: z.literal('malformed-ip'), value: z.string().default('999.1.1.1') }),
  /** A `date` that is text but no date. */
  z.strictObject({ kind: z.literal('bad-date'), value: z.string().default('2026-13-45T99:99:99Z') }),
  /** No `date` to go by: missing, null, not text, or a date outside any sensible bounds. */
  z.strictObject({
    kind: z.literal('no-usable-date'),
    variant: z.enum(['missing', 'null', 'number', 'far-future', 'far-past']).default('missing'),
  }),
  /** Many distinct keys, in the request or as members of the event itself. */
  z.strictObject({
    kind: z.literal('keys-2000'),
    count: z.int().min(1).max(1_000_000).default(2000),
    where: z.enum(['request', 'top']).default('request'),
  }),
  /** Objects in objects. */
  z.strictObject({ kind: z.literal('depth-60'), depth: z.int().min(1).max(10_000).default(60) }),
  /** One long string, in the request or as a field that is a keyword. */
  z.strictObject({
    kind: z.literal('string-40k'),
    length: z.int().min(1).max(10_000_000).default(40_960),
    field: z.enum(['request', 'userName', 'resourceId', 'resourceType', 'action']).default('request'),
  }),
  /** `__proto__` as a key, in the event and in its request. */
  z.strictObject({ kind: z.literal('proto-key') }),
  /** The id (date, resource type, action too) of an earlier event with another body. `of`: its position. */
  z.strictObject({ kind: z.literal('id-conflict'), of: earlier }),
  /** An earlier event again, byte for byte. `of`: its position. */
  z.strictObject({ kind: z.literal('duplicate'), of: earlier }),
  /** Something that is no event. */
  z.strictObject({
    kind: z.literal('wrong-shape'),
    variant: z
      .enum([
        'array',
        'number',
        'string',
        'null',
        'boolean',
        'no-id',
        'id-null',
        'id-number',
        'id-empty',
        'id-long',
      ])
      .default('array'),
  }),
  /** An event of about this many bytes, which hardly compress. */
  z.strictObject({ kind: z.literal('huge'), bytes: z.int().min(1).max(100_000_000).default(5_000_000) }),
  /** An event with `request.poison: true`, on which a test hook in the sink kills the process. */
  z.strictObject({ kind: z.literal('poison') }),
]);

export type OddEvent = z.output<typeof oddEventSchema>;
/** As a caller writes it: measures may be left out. */
export type OddEventInput = z.input<typeof oddEventSchema>;
export type OddKind = OddEvent['kind'];

const PURPOSE_ODD = 4;
const PURPOSE_FILLING = 5;

/** An odd event's source text, and its members as JSON text where it is an object (for filters and the ledger). */
export interface OddText {
  text: string;
  parts: EventParts | null;
}

/**
 * Writes an odd event: a pure function of (seed, position, date, what is odd, the earlier event).
 * @param earlierParts the event that `of` names; needed for `duplicate` and `id-conflict` only
 */
export function writeOdd(
  seed: Seed,
  writer: EventWriter,
  position: number,
  dateMs: number,
  odd: OddEvent,
  earlierParts: EventParts | null,
): OddText {
  const parts = writer.writeApart(PURPOSE_ODD, position, dateMs);
  switch (odd.kind) {
    case 'malformed-ip':
      return whole({ ...parts, ipAddress: JSON.stringify(odd.value) });
    case 'bad-date':
      return whole({ ...parts, date: JSON.stringify(odd.value) });
    case 'no-usable-date':
      return whole({ ...parts, date: UNUSABLE_DATES[odd.variant] });
    case 'keys-2000': {
      const keys = Array.from({ length: odd.count }, (_, k) => `"key_${position}_${k}":"value ${k}"`).join(
        ',',
      );
      return whole(
        odd.where === 'top' ? { ...parts, extra: `,${keys}` } : { ...parts, request: `{${keys}}` },
      );
    }
    case 'depth-60':
      return whole({ ...parts, request: `${'{"down":'.repeat(odd.depth)}"bottom"${'}'.repeat(odd.depth)}` });
    case 'string-40k': {
      const long = `"${'long string '.repeat(Math.ceil(odd.length / 12)).slice(0, odd.length)}"`;
      return whole(
        odd.field === 'request' ? { ...parts, request: `{"note":${long}}` } : { ...parts, [odd.field]: long },
      );
    }
    case 'proto-key':
      return whole({
        ...parts,
        request: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
        extra: ',"__proto__":{"polluted":true}',
      });
    case 'id-conflict':
      return whole({
        ...(earlierParts ?? parts),
        userName: parts.userName === 'null' ? '"Someone Else 99"' : parts.userName,
        request: `{"method":"PUT","conflictsAt":${position}}`,
      });
    case 'duplicate':
      return whole(earlierParts ?? parts);
    case 'wrong-shape':
      return wrongShape(parts, odd.variant, position);
    case 'huge':
      return whole({ ...parts, request: `{"blob":"${filling(seed, position, odd.bytes)}"}` });
    case 'poison':
      return whole({ ...parts, request: `{"poison":true,"position":${position}}` });
    default:
      return odd satisfies never;
  }
}

const UNUSABLE_DATES = {
  missing: null,
  null: 'null',
  number: '1',
  'far-future': '"9999-12-31T23:59:59.999Z"',
  'far-past': '"0001-01-01T00:00:00.000Z"',
} as const;

function whole(parts: EventParts): OddText {
  return { text: assemble(parts), parts };
}

type WrongShape = Extract<OddEvent, { kind: 'wrong-shape' }>['variant'];

function wrongShape(parts: EventParts, variant: WrongShape, position: number): OddText {
  switch (variant) {
    case 'array':
      return { text: `["not an event",${position}]`, parts: null };
    case 'number':
      return { text: String(position), parts: null };
    case 'string':
      return { text: `"not an event ${position}"`, parts: null };
    case 'null':
      return { text: 'null', parts: null };
    case 'boolean':
      return { text: 'true', parts: null };
    case 'no-id':
      return whole({ ...parts, id: null });
    case 'id-null':
      return whole({ ...parts, id: 'null' });
    case 'id-number':
      return whole({ ...parts, id: String(position) });
    case 'id-empty':
      return whole({ ...parts, id: '""' });
    case 'id-long':
      return whole({ ...parts, id: `"${`long-${position}-`.padEnd(600, 'x')}"` });
    default:
      return variant satisfies never;
  }
}

function filling(seed: Seed, position: number, bytes: number): string {
  const random = new Random(seed, PURPOSE_FILLING, position);
  const raw = Buffer.allocUnsafe(Math.ceil((bytes * 3) / 16) * 4);
  for (let at = 0; at < raw.length; at += 4) raw.writeUInt32LE(random.word(), at);
  return raw.toString('base64').slice(0, bytes);
}

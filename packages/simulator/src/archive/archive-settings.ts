import { z } from 'zod';

/** Media types of Genesys Cloud's analytics that the archives hold. */
export const MEDIA_TYPES = ['voice', 'chat', 'email', 'message', 'callback'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** White space of a body: none; a line a conversation; indented throughout. */
export const LAYOUTS = ['compact', 'lines', 'pretty'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Which digest headers a body is stated with. */
export const DIGEST_FORMS = ['repr-digest', 'x-checksum', 'both', 'none'] as const;
export type DigestForm = (typeof DIGEST_FORMS)[number];

/** A conversation that is not as it should be. Valid JSON all the same. */
export const oddConversationSchema = z.discriminatedUnion('kind', [
  /** An item that is no object: `value` is its JSON text. */
  z.strictObject({
    kind: z.literal('not-object'),
    value: z.enum(['42', 'null', 'true', '"text"', '[]']).default('42'),
  }),
  /** `id` in place of `conversationId`. */
  z.strictObject({ kind: z.literal('id-member') }),
  /** Neither `conversationId` nor `id`. */
  z.strictObject({ kind: z.literal('without-id') }),
  /** `transcripts` is no list of strings. */
  z.strictObject({ kind: z.literal('odd-transcripts') }),
  /** An object so many levels deep stands in it. */
  z.strictObject({ kind: z.literal('deep'), depth: z.int().min(1).max(2000).default(200) }),
  /** A conversation of about so many bytes. */
  z.strictObject({ kind: z.literal('huge'), bytes: z.int().min(1000).max(500_000_000).default(20_000_000) }),
]);
export type OddConversation = z.output<typeof oddConversationSchema>;
/** As a caller writes it: `{ kind: 'huge', bytes: 5_000_000 }`. */
export type OddConversationInput = z.input<typeof oddConversationSchema>;
export type OddConversationKind = OddConversation['kind'];
export const ODD_CONVERSATION_KINDS = oddConversationSchema.options.map(
  ({ shape }) => shape.kind.value,
) as OddConversationKind[];

/** How much a day holds. Null: `conversations` by bytes (20,000 each) or 200; `bytes` as they come, about 6,000 each. */
export interface DayVolume {
  conversations: number | null;
  bytes: number | null;
}

/** An odd conversation put at a moment. */
interface PlacedOdd {
  odd: OddConversation;
  atMs: number;
}

/** How a window is cut into pages: into so many, or by the `size` of the request. */
export const pagesSchema = z.union([z.int().min(1).max(10_000), z.literal('size')]);
type Pages = z.output<typeof pagesSchema>;

/** All that decides, with the seed, which conversations there are and how they are served; kept with the world. */
export interface SavedArchive {
  pages: Pages;
  digest: DigestForm;
  layout: Layout;
  /** Customers, who share all conversations. */
  people: number;
  volume: DayVolume;
  /** Days (YYYY-MM-DD, UTC) with a volume of their own. */
  days: Record<string, DayVolume>;
  /** Kinds of which every day holds one. */
  dailyOdd: OddConversationKind[];
  placedOdd: PlacedOdd[];
  /** Conversations that start in such a range have another text; each range that holds one adds to its revision. */
  rewrites: { fromMs: number; toMs: number }[];
  /** Platform contract: how far the data lake, which jobs read, is behind. */
  lakeLagMinutes: number;
  /** Platform contract: a details query for larger pages is answered 413; null = any page can be sent. */
  largestPage: number | null;
}

const time = z.iso.datetime({ offset: true });
const count = z.int().min(0).max(10_000_000).nullable();
const bytes = z.int().min(0).max(10_000_000_000).nullable();
const oddInput = z.union([
  z.enum(ODD_CONVERSATION_KINDS).transform((kind): OddConversation => oddConversationSchema.parse({ kind })),
  oddConversationSchema,
]);

/** `POST /_simulator/archive`. */
export const archiveChangeSchema = z.strictObject({
  /** YYYY-MM-DD (UTC): the volume below is of this day alone; without it, of every day that has none of its own. */
  day: z.iso.date().optional(),
  conversations: count.optional(),
  bytes: bytes.optional(),
  /** Odd conversations, at `at` (default: noon of the day before the simulator's today). */
  odd: z.array(oddInput).optional(),
  at: time.optional(),
  dailyOdd: z.array(z.enum(ODD_CONVERSATION_KINDS)).optional(),
  pages: pagesSchema.optional(),
  digest: z.enum(DIGEST_FORMS).optional(),
  layout: z.enum(LAYOUTS).optional(),
  /** The conversations that start in [from, to) are rewritten: same ids, other text. */
  rewrite: z.strictObject({ from: time, to: time }).optional(),
  lakeLagMinutes: z.number().min(0).max(100_000).optional(),
  largestPage: z.int().min(0).nullable().optional(),
});
/** As a caller writes it: `{ day: '2026-03-13', conversations: 3, odd: ['not-object'] }`. */
export type ArchiveChange = Omit<z.input<typeof archiveChangeSchema>, 'odd'> & {
  odd?: (OddConversationKind | OddConversationInput)[];
};

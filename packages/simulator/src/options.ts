import { z } from 'zod';
import { DIGEST_FORMS, LAYOUTS, ODD_CONVERSATION_KINDS, pagesSchema } from './archive/archive-settings.ts';
import { auditChangeSchema } from './platform/audits/audit-settings.ts';
import { RATE_LIMIT_ANSWERS, RATE_LIMIT_HEADERS } from './platform/rate-limit.ts';

/** How a page that reaches the stream's end says so. */
export const TAILS = [
  /** A page with events has a cursor; only an empty page says null. */
  'cursor',
  /** It says null; polled again with the last cursor, its events come again, with what is new. */
  'null-repeat',
  /** It says null; polled again with the last cursor, only what is new comes. A client that lost the page lost it. */
  'null-once',
] as const;

export type Tail = (typeof TAILS)[number];

const number = z.number();
const prefixSchema = z
  .string()
  .regex(/^(\/[\w.-]+)*$/, 'must begin with a slash and not end with one')
  .default('');

/** Settings of a simulator; the README's table says the environment name of each. */
export const optionsSchema = z.strictObject({
  host: z.string().default('127.0.0.1'),
  /** 0 = any free port. */
  port: z.int().min(0).max(65_535).default(0),
  seed: z.string().min(1).default('trunkline'),
  /** Where state and ledger are kept; null = in memory only. */
  dataDir: z.string().min(1).nullable().default(null),
  /** New events a second of the simulator's clock, filtered ones included. Unset: as before, at first 20. */
  rate: number.min(0).max(100_000).optional(),
  /** Events (that the usual filter lets through) that exist at the first start. */
  backlog: z.int().min(0).default(1000),
  /** They are spread over so many hours before the first start. */
  backlogHours: number.gt(0).max(10_000).default(6),
  /** So many events (that the usual filter lets through) in all, then the stream is complete; null = endless. */
  events: z.int().min(0).nullable().optional(),
  clientId: z.string().min(1).default('simulator-client'),
  clientSecret: z.string().min(1).default('simulator-secret'),
  /** Lifetime of an access token, in seconds of the host's clock. */
  tokenSeconds: z.int().min(1).default(1800),
  /** The token reply has a `refresh_token` too, as in some deployments. */
  refreshToken: z.boolean().default(false),
  /** Lifetime of a token that was asked for with a Basic header (platform contract): 5 min to 48 h. */
  platformTokenSeconds: z.int().min(300).max(172_800).default(86_400),
  /** What wrong credentials are answered. */
  invalidClientStatus: z.literal([400, 401]).default(401),
  /** Path in front of `/oauth/token`, as of a gateway: `/login`. Requests without it find nothing. */
  loginPrefix: prefixSchema,
  /** Path in front of `/api/v2/...`. */
  apiPrefix: prefixSchema,
  /** Requests a minute that a client id has on the platform's routes; null = no limit. */
  rateLimit: z.int().min(1).nullable().default(300),
  /** How a 429 of that limit tells the wait. */
  rateLimitAnswer: z.enum(RATE_LIMIT_ANSWERS).default('seconds'),
  /** Which `inin-ratelimit-*` headers replies have. */
  rateLimitHeaders: z.enum(RATE_LIMIT_HEADERS).default('all'),
  /** How the audits of the platform are served; what is left out has its default. */
  audits: auditChangeSchema.default({}),
  /** Simulated seconds a second. Unset: as before, at first 1. */
  clockSpeed: number.gt(0).max(100_000).optional(),
  /** Simulated time at the first start; null = the host's. */
  clockOrigin: z.iso.datetime({ offset: true }).nullable().default(null),
  /** The replay window. */
  windowHours: number.gt(0).default(24),
  /** A cursor expires so long after its issue, in seconds of the simulator's clock; null = only with the window. */
  cursorSeconds: number.gt(0).nullable().default(null),
  expiredCursorStatus: z.literal([400, 410]).default(400),
  /** Unset: as before, at first `cursor`. */
  tail: z.enum(TAILS).optional(),
  /** Conversations a day; null = by bytes (20,000 each), without them 200. Unset: as before, at first null. */
  archiveConversations: z.int().min(0).max(10_000_000).nullable().optional(),
  /** Bytes to aim at a day; null = as the conversations come, about 5,000 each. Unset: as before, at first null. */
  archiveBytes: z.int().min(0).max(10_000_000_000).nullable().optional(),
  /** Kinds of odd conversations of which every day holds one. Unset: as before, at first none. */
  archiveOdd: z.array(z.enum(ODD_CONVERSATION_KINDS)).optional(),
  /** Pages that a window is cut into; `size` = by the `size` of the request. Unset: as before, at first 1. */
  archivePages: pagesSchema.optional(),
  /** Unset: as before, at first `both`. */
  archiveDigest: z.enum(DIGEST_FORMS).optional(),
  /** Unset: as before, at first `compact`. */
  archiveLayout: z.enum(LAYOUTS).optional(),
  /** How far the data lake is behind, which jobs of the platform contract read. Unset: as before, at first 6 hours. */
  archiveLakeLagMinutes: z.number().min(0).max(100_000).optional(),
  /** Customers, who share all conversations. */
  archivePeople: z.int().min(1).max(1_000_000).default(500),
  /** `whsec_...`: completion events have to be signed with it (Standard Webhooks); null = signatures are not looked at. */
  eventBridgeSecret: z.string().min(1).nullable().default(null),
  /** What a completion event is answered. */
  eventBridgeStatus: z.literal([200, 202]).default(200),
});

export type SimulatorOptions = z.output<typeof optionsSchema>;
/** As a caller writes it: everything may be left out. */
export type SimulatorOptionsInput = z.input<typeof optionsSchema>;

type Kind = 'text' | 'number' | 'boolean' | 'list' | 'json';

/** Environment name of each option, and how its text is read. */
const ENVIRONMENT: Record<keyof SimulatorOptions, [name: string, kind: Kind]> = {
  host: ['SIMULATOR_HOST', 'text'],
  port: ['SIMULATOR_PORT', 'number'],
  seed: ['SIMULATOR_SEED', 'text'],
  dataDir: ['SIMULATOR_DATA_DIR', 'text'],
  rate: ['SIMULATOR_RATE', 'number'],
  backlog: ['SIMULATOR_BACKLOG', 'number'],
  backlogHours: ['SIMULATOR_BACKLOG_HOURS', 'number'],
  events: ['SIMULATOR_EVENTS', 'number'],
  clientId: ['SIMULATOR_CLIENT_ID', 'text'],
  clientSecret: ['SIMULATOR_CLIENT_SECRET', 'text'],
  tokenSeconds: ['SIMULATOR_TOKEN_SECONDS', 'number'],
  refreshToken: ['SIMULATOR_REFRESH_TOKEN', 'boolean'],
  platformTokenSeconds: ['SIMULATOR_PLATFORM_TOKEN_SECONDS', 'number'],
  invalidClientStatus: ['SIMULATOR_INVALID_CLIENT_STATUS', 'number'],
  loginPrefix: ['SIMULATOR_LOGIN_PREFIX', 'text'],
  apiPrefix: ['SIMULATOR_API_PREFIX', 'text'],
  rateLimit: ['SIMULATOR_RATE_LIMIT', 'number'],
  rateLimitAnswer: ['SIMULATOR_RATE_LIMIT_ANSWER', 'text'],
  rateLimitHeaders: ['SIMULATOR_RATE_LIMIT_HEADERS', 'text'],
  audits: ['SIMULATOR_AUDITS', 'json'],
  clockSpeed: ['SIMULATOR_CLOCK_SPEED', 'number'],
  clockOrigin: ['SIMULATOR_CLOCK_ORIGIN', 'text'],
  windowHours: ['SIMULATOR_WINDOW_HOURS', 'number'],
  cursorSeconds: ['SIMULATOR_CURSOR_SECONDS', 'number'],
  expiredCursorStatus: ['SIMULATOR_EXPIRED_CURSOR_STATUS', 'number'],
  tail: ['SIMULATOR_TAIL', 'text'],
  archiveConversations: ['SIMULATOR_ARCHIVE_CONVERSATIONS', 'number'],
  archiveBytes: ['SIMULATOR_ARCHIVE_BYTES', 'number'],
  archiveOdd: ['SIMULATOR_ARCHIVE_ODD', 'list'],
  archivePages: ['SIMULATOR_ARCHIVE_PAGES', 'number'],
  archiveDigest: ['SIMULATOR_ARCHIVE_DIGEST', 'text'],
  archiveLayout: ['SIMULATOR_ARCHIVE_LAYOUT', 'text'],
  archiveLakeLagMinutes: ['SIMULATOR_ARCHIVE_LAKE_LAG_MINUTES', 'number'],
  archivePeople: ['SIMULATOR_ARCHIVE_PEOPLE', 'number'],
  eventBridgeSecret: ['SIMULATOR_EVENT_BRIDGE_SECRET', 'text'],
  eventBridgeStatus: ['SIMULATOR_EVENT_BRIDGE_STATUS', 'number'],
};

/** Wrong settings; the message names every one of them. */
export class WrongOptions extends Error {}

/**
 * Reads the options from the environment. Empty counts as unset; `null` is null.
 * @throws WrongOptions naming every problem
 */
export function optionsFrom(environment: Record<string, string | undefined>): SimulatorOptions {
  const values: Record<string, unknown> = {};
  for (const [option, [name, kind]] of Object.entries(ENVIRONMENT)) {
    const text = environment[name];
    if (text !== undefined && text !== '') values[option] = read(text, kind);
  }
  const result = optionsSchema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const option = String(issue.path[0]) as keyof SimulatorOptions;
    const within = issue.path
      .slice(1)
      .map((part) => `.${String(part)}`)
      .join('');
    return `${ENVIRONMENT[option][0]}${within}: ${issue.message}`;
  });
  throw new WrongOptions(`The simulator cannot start with these settings:\n  ${problems.join('\n  ')}`);
}

function read(text: string, kind: Kind): unknown {
  if (text === 'null') return null;
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  if (kind === 'json') return jsonOrText(text);
  if (kind === 'list') return text.split(',').map((item) => item.trim());
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** What is no JSON stays text, which the schema refuses. */
function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

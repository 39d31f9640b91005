import type { ArchiveQuery, ArchiveSource } from '../archive/archive-source.ts';
import { GenesysConnection } from '../connection.ts';
import type { ArchiveTerms } from '../platform/archive/archive-terms.ts';
import { genesysDefaults } from '../settings.ts';
import { issued, tokenPath } from './guide.ts';
import { type Answer, type ReceivedRequest, ScriptedServer } from './scripted-server.ts';

/** Answers to requests whose path begins so; the longest beginning decides. `nth` counts the requests of this entry. */
export type Script = Record<string, Answer | ((request: ReceivedRequest, nth: number) => Answer)>;

export const query: ArchiveQuery = {
  from: '2026-01-05T00:00:00.000Z',
  to: '2026-01-06T00:00:00.000Z',
  mediaTypes: ['voice', 'message', 'email', 'chat'],
  pageSize: 100,
  storageClass: 'STANDARD_IA',
  missing: 'none',
  without: new Set(),
};

export const none = { status: 404, body: '{"code":"resource.not.found","status":404}' };

export function json(value: unknown): Answer {
  return { status: 200, body: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** A scripted platform, its object store on the same host, and terms for a source that speaks to it. */
export async function startPlatformArchive(script: Script) {
  const counts = new Map<string, number>();
  const server = await ScriptedServer.start((request) => {
    if (request.path === tokenPath) return issued(1);
    const [name] = Object.keys(script)
      .filter((path) => request.path.startsWith(path))
      .sort((one, other) => other.length - one.length);
    if (name === undefined) return none;
    const nth = (counts.get(name) ?? 0) + 1;
    counts.set(name, nth);
    const answer = script[name] as Script[string];
    return typeof answer === 'function' ? answer(request, nth) : answer;
  });
  const connection = new GenesysConnection(
    {
      ...genesysDefaults,
      apiBase: server.base,
      loginBase: server.base,
      clientId: 'client-1',
      clientSecret: 'secret-1',
      clientAuth: 'basic',
      ratePerSecond: 0,
      backoffMinMs: 2,
      backoffMaxMs: 10,
      downloadHosts: ['127.0.0.1'],
    },
    { redis: null, keyPrefix: '{test}', onWait: () => {} },
  );
  const terms: ArchiveTerms = {
    connection,
    conversationsAtOnce: 2,
    documents: { maxBytes: 1_000_000, backoffMinMs: 1, backoffMaxMs: 2 },
    waits: { minMs: 1, maxMs: 4, parkMs: 600_000 },
  };
  return {
    server,
    terms,
    asked: () => server.requests.filter(({ path }) => path !== tokenPath),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The pages of a window, opened and read in order. */
export async function readPages(
  source: ArchiveSource,
  asked: ArchiveQuery = query,
  longestWaitMs = 60_000,
): Promise<{ texts: string[]; names: (string | null)[] }> {
  const texts: string[] = [];
  const names: (string | null)[] = [];
  for (let page: string | null = null; ; ) {
    const opened = await openPage(source, page, asked, longestWaitMs);
    texts.push(await textOf(opened.body));
    names.push(opened.head.nextPage);
    page = opened.head.nextPage;
    if (page === null) return { texts, names };
  }
}

export function openPage(
  source: ArchiveSource,
  page: string | null,
  asked: ArchiveQuery = query,
  longestWaitMs = 60_000,
  signal: AbortSignal = new AbortController().signal,
) {
  return source.openPage(asked, page, null, { longestWaitMs, onWait: () => {} }, signal);
}

export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** A row as the analytics have it. @param media of its sessions, each `s-<id>-<index>` */
export function row(id: string, start: string, media: readonly string[] = [], more = ''): string {
  const sessions = media.map((mediaType, index) => ({ mediaType, sessionId: `s-${id}-${index}` }));
  const participants = JSON.stringify([{ purpose: 'customer', sessions }]);
  return `{"conversationId": "${id}", "conversationStart":"${start}","participants":${participants}${more}}`;
}

export function details(rows: readonly string[], more = ''): Answer {
  return json(`{"conversations":[${rows.join(' , ')}]${more}}`);
}

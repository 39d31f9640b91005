import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  details,
  json,
  none,
  openPage,
  query,
  readPages,
  row,
  type Script,
  startPlatformArchive,
  textOf,
} from '../../testing/platform-archive.ts';
import { AnalyticsQuerySource } from './analytics-query-source.ts';

const queryPath = '/api/v2/analytics/conversations/details/query';
const start = '2026-01-05T10:00:00.000Z';

const linksOf = (session: string, conversation = 'c1') =>
  `/api/v2/speechandtextanalytics/conversations/${conversation}/communications/${session}/transcripturls`;

/** One conversation of the given media, and the answers to what is asked of it. */
async function startConversation(media: readonly string[], script: Script) {
  const platform = await startPlatformArchive({ [queryPath]: details([row('c1', start, media)]), ...script });
  const source = new AnalyticsQuerySource(platform.terms);
  return { ...platform, source, links: (paths: readonly string[]) => ({ urls: paths.map(link(platform)) }) };
}

const link = (platform: { server: { base: string } }) => (path: string, index: number) => ({
  recording: { id: `r${index}` },
  url: `${platform.server.base}${path}`,
});

describe('a document of the archive', () => {
  it('is the row, with what was said and written, digit by digit as Genesys has it', async () => {
    const media = ['voice', 'voice', 'message', 'email', 'chat'];
    await using platform = await startPlatformArchive({
      [queryPath]: details([row('c1', start, media, ',"mos": 4.10,"n":9007199254740993')]),
      [linksOf('s-c1-0')]: () =>
        json({ urls: ['/store/t1', '/store/t2'].map(link(platform)), communicationId: 's-c1-0' }),
      [linksOf('s-c1-1')]: none,
      '/store/t1': json('{"transcripts": [ {"phrases":[]} ],"n":1.0}'),
      '/store/t2': json('{"second":true}'),
      '/api/v2/conversations/messages/c1': json({
        participants: [
          { messages: [{ messageId: 'm1' }, { messageId: 'm2' }] },
          { messages: [{ messageId: 'm1' }, { messages: [{ messageId: 'm3' }] }] },
        ],
      }),
      '/api/v2/conversations/messages/c1/messages/bulk': json(
        '{"entities":[{"id":"m2","timestamp":"2026-01-05T10:00:02Z"}, {"id":"m1", "timestamp":"2026-01-05T10:00:01.5Z"},{"id":"m3","timestamp":"2026-01-05T10:00:03Z"}]}',
      ),
      '/api/v2/conversations/emails/c1/messages': json({
        entities: [{ id: 'e1' }],
        nextUri: '/api/v2/conversations/emails/c1/messages?pageNumber=2',
      }),
      '/api/v2/conversations/emails/c1/messages?pageNumber=2': json({ entities: [{ id: 'e2' }] }),
      '/api/v2/conversations/emails/c1/messages/e1': json('{"id":"e1","textBody":"hello"}'),
      '/api/v2/conversations/emails/c1/messages/e2': json('{"id":"e2"}'),
      '/api/v2/conversations/c1/recordings': json(
        '[{"transcript":[{"body":"hi"} , {"body":"ho"}]}, {"id":"x"}]',
      ),
    });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms));
    const own = row('c1', start, media, ',"mos": 4.10,"n":9007199254740993').slice(0, -1);
    expect(texts).toEqual([
      `[${own},"transcripts":[{"transcripts": [ {"phrases":[]} ],"n":1.0},{"second":true}]` +
        ',"messages":[{"id":"m1", "timestamp":"2026-01-05T10:00:01.5Z"},{"id":"m2","timestamp":"2026-01-05T10:00:02Z"},{"id":"m3","timestamp":"2026-01-05T10:00:03Z"},{"body":"hi"},{"body":"ho"}]' +
        ',"emails":[{"id":"e1","textBody":"hello"},{"id":"e2"}]}]',
    ]);
    const bulk = platform.asked().find(({ path }) => path.includes('/bulk'));
    expect(bulk?.path).toContain('?useNormalizedMessage=true');
    expect(JSON.parse(bulk?.body ?? '')).toEqual(['m1', 'm2', 'm3']);
    for (const { path, headers } of platform.asked()) {
      expect([path, headers.authorization]).toEqual([
        path,
        path.startsWith('/store/') ? undefined : 'Bearer token-1',
      ]);
    }
  });

  it('says by an empty list that there is nothing, and by no list that nothing was asked for', async () => {
    await using platform = await startConversation(['voice', 'email', 'chat'], {});
    const asked = { ...query, mediaTypes: ['voice', 'message', 'chat'] };
    const { texts } = await readPages(platform.source, asked);
    const [document] = JSON.parse(texts[0] ?? '');
    expect(document).toMatchObject({ conversationId: 'c1', transcripts: [], messages: [] });
    expect(Object.keys(document)).not.toContain('emails');
    expect(Object.keys(document)).not.toContain('missingTexts');
  });

  it('is made of a row without an id or without members too, for whoever reads it to judge', async () => {
    await using platform = await startPlatformArchive({ [queryPath]: details(['{ }', '"x"']) });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms));
    expect(texts).toEqual(['[{ },\n"x"]']);
  });

  it('comes in the order of the rows, whichever is there first, and no more are made at a time than may be', async () => {
    const rows = ['c1', 'c2', 'c3', 'c4'].map((id) => row(id, start, ['email']));
    let open = 0;
    let most = 0;
    await using platform = await startPlatformArchive({ [queryPath]: details(rows) });
    const connection = {
      ...platform.terms.connection,
      callWith: (async (call, patience, signal) => {
        const isListing = call.path.includes('/emails/');
        if (isListing) most = Math.max(most, ++open);
        // The first is the slowest.
        if (call.path.includes('/c1/')) await new Promise((resolve) => setTimeout(resolve, 20));
        const answer = await platform.terms.connection.callWith(call, patience, signal);
        if (isListing) open--;
        return answer;
      }) as typeof platform.terms.connection.callWith,
    };
    const { texts } = await readPages(new AnalyticsQuerySource({ ...platform.terms, connection }));
    const ids = JSON.parse(texts[0] ?? '').map((one: { conversationId: string }) => one.conversationId);
    expect(ids).toEqual(['c1', 'c2', 'c3', 'c4']);
    expect(most).toBe(2);
  });
});

describe('a text that is not ready', () => {
  it('is asked for again, for as long as the caller has patience', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: (_request, nth) =>
        nth < 4 ? { status: 202, body: '{}' } : json(platform.links(['/store/t'])),
      '/store/t': json('{"said":1}'),
    });
    const { texts } = await readPages(platform.source);
    expect(texts[0]).toContain('"transcripts":[{"said":1}]');
  });

  it('holds the window back then, and names when it is looked at again', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: { status: 202, body: '{}' },
    });
    const error = await readPages(platform.source, query, 500).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ARCHIVE_TEXT_NOT_READY', kind: 'retriable' });
    expect((error as { untilMs: number }).untilMs).toBeGreaterThan(Date.now() + 500_000);
    expect(String(error)).toContain('a transcript');
  });

  it.each(['<html>no such route</html>', '{"error":"not_found"}'])(
    'is not taken for one that is not there where a gateway answers 404: %s',
    async (body) => {
      await using platform = await startConversation(['voice'], {
        [linksOf('s-c1-0')]: (_request, nth) =>
          nth < 3 ? { status: 404, body } : json(platform.links(['/store/t'])),
        '/store/t': json('{"said":1}'),
      });
      expect((await readPages(platform.source)).texts[0]).toContain('{"said":1}');
    },
  );

  it('for want of a permission names it', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: { status: 403, body: '{"code":"missing.any.permissions","status":403}' },
    });
    await expect(readPages(platform.source)).rejects.toMatchObject({
      code: 'GENESYS_PERMISSION_MISSING',
      message: expect.stringContaining('recording:recording:view'),
    });
  });
});

describe('a text that Genesys does not give', () => {
  const messages = '/api/v2/conversations/messages/c1';
  const mails = '/api/v2/conversations/emails/c1/messages';
  const listedMessages = json({ participants: [{ messages: [{ messageId: 'm1' }, { messageId: 'm2' }] }] });
  const bulk = (...ids: string[]) => json({ entities: ids.map((id) => ({ id })) });

  it.each([
    [
      'a transcript that is never ready',
      'voice',
      { [linksOf('s-c1-0')]: { status: 202, body: '{}' } },
      { of: 'transcripts', communicationId: 's-c1-0', why: 'not-ready' },
    ],
    [
      'a message that the reply leaves out twice',
      'message',
      { [messages]: listedMessages, [`${messages}/messages/bulk`]: bulk('m1') },
      { of: 'messages', messageId: 'm2', why: 'left-out' },
    ],
    [
      'a mail that is listed and not there',
      'email',
      {
        [mails]: json({ entities: [{ id: 'e1' }, { id: 'e2' }] }),
        [`${mails}/e1`]: json('{"id":"e1"}'),
        [`${mails}/e2`]: none,
      },
      { of: 'emails', messageId: 'e2', why: 'left-out' },
    ],
  ])(
    '%s holds the window back, unless it may be missing: then it is told',
    async (_name, media, script, told) => {
      await using platform = await startConversation([media], script);
      const error = await readPages(platform.source, query, 500).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'ARCHIVE_TEXT_NOT_READY', untilMs: expect.any(Number) });
      const opened = await openPage(platform.source, null, { ...query, missing: 'not-given' });
      const [document] = JSON.parse(await textOf(opened.body));
      expect(document.missingTexts).toEqual([told]);
      expect(opened.made).toMatchObject({ done: 1, missingTexts: 1 });
      // What is there is in the document all the same.
      expect(document[told.of]).toHaveLength(media === 'voice' ? 0 : 1);
    },
  );

  it('at first, and at the second time, is there', async () => {
    await using platform = await startConversation(['message', 'email'], {
      [messages]: listedMessages,
      [`${messages}/messages/bulk`]: (_request, nth) => (nth === 1 ? bulk('m1') : bulk('m2', 'm1')),
      [mails]: json({ entities: [{ id: 'e1' }] }),
      [`${mails}/e1`]: (_request, nth) => (nth === 1 ? none : json('{"id":"e1"}')),
    });
    const { texts } = await readPages(platform.source);
    expect(JSON.parse(texts[0] ?? '')[0]).toMatchObject({
      messages: [{ id: 'm1' }, { id: 'm2' }],
      emails: [{ id: 'e1' }],
    });
    const asked = platform.asked().flatMap(({ path, body }) => (path.includes('/bulk') ? [body] : []));
    expect(asked).toEqual(['["m1","m2"]', '["m2"]']);
    expect(texts[0]).not.toContain('missingTexts');
  });

  it('since it does not know the conversation of the row is told, and holds up nothing', async () => {
    await using platform = await startPlatformArchive({
      [queryPath]: details([
        row('c1', start, ['message', 'email']),
        `{"conversationId":"c2","conversationStart":"${start}","participants":[{"sessions":[{"mediaType":"voice"}]}]}`,
      ]),
    });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms));
    const [first, second] = JSON.parse(texts[0] ?? '');
    expect(first).toMatchObject({
      messages: [],
      emails: [],
      missingTexts: [
        { of: 'messages', why: 'not-found' },
        { of: 'emails', why: 'not-found' },
      ],
    });
    expect(second).toMatchObject({
      transcripts: [],
      missingTexts: [{ of: 'transcripts', why: 'not-named' }],
    });
  });

  it.each([
    ['the store refuses every link', { status: 403 }, 'refused'],
    ['the store fails', { status: 500 }, 'unreadable'],
    ['the store has no JSON', { status: 200, body: '{"phrases":' }, 'unreadable'],
    [
      'the store has other bytes than it states',
      { status: 200, headers: { 'x-checksum-sha256': 'ab'.repeat(32) }, body: '{}' },
      'altered',
    ],
  ])('because %s is done without by a person only', async (_name, answer, why) => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: () => json(platform.links(['/store/t'])),
      '/store/t': answer,
    });
    const asked = (missing: 'not-given' | 'any') => readPages(platform.source, { ...query, missing }, 500);
    // A store that fails is waited for; what it says is not.
    if (answer.status !== 500)
      await expect(asked('not-given')).rejects.toMatchObject({ name: 'TrunklineError' });
    const { texts } = await asked('any');
    expect(JSON.parse(texts[0] ?? '')[0]).toMatchObject({
      transcripts: [],
      missingTexts: [{ of: 'transcripts', communicationId: 's-c1-0', recordingId: 'r0', why }],
    });
  });

  it('in a chat, since its file is being moved, is waited for; one whose file is gone is told', async () => {
    const recording = (fileState: string) => ({ id: 'r1', fileState });
    await using platform = await startConversation(['chat'], {
      '/api/v2/conversations/c1/recordings': (_request, nth) =>
        json([recording(nth < 3 ? 'RESTORING' : 'DELETED'), { transcript: [{ body: 'hi' }] }]),
    });
    const { texts } = await readPages(platform.source);
    expect(JSON.parse(texts[0] ?? '')[0]).toMatchObject({
      messages: [{ body: 'hi' }],
      missingTexts: [{ of: 'messages', recordingId: 'r1', why: 'not-found' }],
    });
    expect(platform.asked().filter(({ path }) => path.includes('recordings'))).toHaveLength(3);
  });

  it('is not looked for on a page that its listing does not name', async () => {
    await using platform = await startConversation(['email'], {
      [mails]: json({ entities: [], nextUri: '/api/v2/conversations/emails/other/messages?pageNumber=2' }),
    });
    const opened = await openPage(platform.source, null);
    const read = textOf(opened.body).catch((error: unknown) => error);
    await expect.poll(() => platform.asked().length).toBeGreaterThan(3); // it is asked for again
    opened.body.destroy();
    expect(await read).toMatchObject({ name: 'AbortError' });
  });
});

describe('the download of a transcript', () => {
  const text = JSON.stringify({ phrases: Array.from({ length: 100 }, (_, n) => ({ text: `line ${n}` })) });

  it('goes on behind an interruption', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: () => json(platform.links(['/store/t?signature=secret'])),
      '/store/t': ({ headers }) => {
        const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
        if (from > 0) {
          return {
            status: 206,
            headers: { etag: '"1"', 'content-range': `bytes ${from}-${text.length - 1}/${text.length}` },
            body: text.slice(from),
          };
        }
        return {
          status: 200,
          headers: { etag: '"1"', 'content-length': String(text.length) },
          body: text,
          cut: 500,
        };
      },
    });
    const { texts } = await readPages(platform.source);
    expect(JSON.parse(texts[0] ?? '')[0].transcripts).toEqual([JSON.parse(text)]);
    const ranges = platform
      .asked()
      .flatMap(({ path, headers }) => (path.startsWith('/store') ? [headers] : []));
    expect(ranges.map(({ range }) => range)).toEqual([undefined, 'bytes=500-']);
    expect(ranges[1]?.['if-range']).toBe('"1"');
  });

  it('asks for a new link where its own has ended', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: (_request, nth) =>
        json({ urls: [{ recording: { id: 'r0' }, url: `${platform.server.base}/store/${nth}` }] }),
      '/store/': { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' },
      '/store/3': json(text),
    });
    const { texts } = await readPages(platform.source);
    expect(JSON.parse(texts[0] ?? '')[0].transcripts).toEqual([JSON.parse(text)]);
  });

  it('is given up where new links are refused too, and no link is told', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: () => json(platform.links(['/store/t?signature=secret'])),
      '/store/': { status: 403 },
    });
    const error = await readPages(platform.source).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GENESYS_LINK_EXPIRED' });
    expect(String(error)).not.toContain('signature');
  });

  it.each([
    ['is no JSON', { status: 200, body: '{"phrases":' }, 'ARCHIVE_DOWNLOAD_INTERRUPTED'],
    [
      'is larger than may be in memory',
      { status: 200, body: `[${'1,'.repeat(500_001)}1]` },
      'ARCHIVE_DOWNLOAD_INTERRUPTED',
    ],
    [
      'is not what the store states',
      { status: 200, headers: { 'x-checksum-sha256': 'ab'.repeat(32) }, body: text },
      'ARCHIVE_DIGEST_MISMATCH',
    ],
  ])('is not used where it %s', async (_name, answer, code) => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: () => json(platform.links(['/store/t'])),
      '/store/t': answer,
    });
    await expect(readPages(platform.source)).rejects.toMatchObject({ code });
  });

  it('is unpacked where it is stored packed', async () => {
    await using platform = await startConversation(['voice'], {
      [linksOf('s-c1-0')]: () => json(platform.links(['/store/t'])),
      '/store/t': { status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(text) },
    });
    expect((await readPages(platform.source)).texts[0]).toContain(text);
  });
});

it('a page that is given up asks for nothing more', async () => {
  await using platform = await startConversation(['voice'], { [linksOf('s-c1-0')]: 'silence' });
  const opened = await openPage(platform.source, null);
  const read = textOf(opened.body).catch((error: unknown) => error);
  await expect.poll(() => platform.asked().length).toBe(2);
  opened.body.destroy();
  expect(await read).toMatchObject({ name: 'AbortError' });
});

import type * as Sdk from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LedgerConversation, Simulator } from '../../index.ts';
import { SimulatorControl } from '../../index.ts';
import { DAY } from '../../testing/archive-reader.ts';
import { stillPlatform } from '../../testing/platform-client.ts';
import { sdkOf } from '../../testing/sdk.ts';

const interval = `${DAY.from}/${DAY.to}`;

describe('the official SDK', () => {
  let simulator: Simulator;
  let control: SimulatorControl;
  let analytics: Sdk.AnalyticsApi;
  let speech: Sdk.SpeechTextAnalyticsApi;
  let conversations: Sdk.ConversationsApi;
  let recording: Sdk.RecordingApi;

  beforeAll(async () => {
    ({ simulator } = await stillPlatform({ archiveConversations: 120, archivePeople: 20, rateLimit: null }));
    control = new SimulatorControl(simulator.url);
    const sdk = await sdkOf(simulator.url);
    analytics = new sdk.AnalyticsApi();
    speech = new sdk.SpeechTextAnalyticsApi();
    conversations = new sdk.ConversationsApi();
    recording = new sdk.RecordingApi();
  });
  afterAll(() => simulator.close());

  /** What the ledger knows of the day, by id. */
  async function ledger(attributes: boolean): Promise<Map<string, LedgerConversation>> {
    const found = new Map<string, LedgerConversation>();
    const query = { ...DAY, contract: 'platform', attributes, source: true } as const;
    for await (const conversation of control.conversations(query)) {
      found.set(conversation.conversationId ?? '', conversation);
    }
    return found;
  }

  /** The transcripts of a communication, by link and download; asked for until they are there. */
  async function transcriptsOf(conversationId: string, communicationId: string): Promise<unknown[]> {
    for (;;) {
      let links: Sdk.Models.TranscriptUrls | undefined;
      try {
        links = await speech.getSpeechandtextanalyticsConversationCommunicationTranscripturls(
          conversationId,
          communicationId,
        );
      } catch (error) {
        expect(error).toMatchObject({ status: 404, code: 'resource.not.found' });
        return [];
      }
      // 202 has no body: later.
      if (links?.urls === undefined) continue;
      return Promise.all(links.urls.map(async ({ url = '' }) => (await fetch(url)).json()));
    }
  }

  async function messagesOf(conversationId: string): Promise<unknown[]> {
    const { participants = [] } = await conversations.getConversationsMessage(conversationId);
    const messages = participants.flatMap((participant) => participant.messages ?? []);
    messages.sort((a, b) => ((a.messageTime ?? '') < (b.messageTime ?? '') ? -1 : 1));
    const body = messages.map(({ messageId }) => messageId ?? '');
    // Its type tells of no body, its code sends it.
    const bulk = await conversations.postConversationsMessageMessagesBulk(conversationId, { body });
    return bulk.entities ?? [];
  }

  async function emailsOf(conversationId: string): Promise<unknown[]> {
    const { entities = [] } = await conversations.getConversationsEmailMessages(conversationId);
    return Promise.all(
      entities.map(({ id = '' }) => conversations.getConversationsEmailMessage(conversationId, id)),
    );
  }

  async function chatLinesOf(conversationId: string): Promise<unknown[]> {
    for (;;) {
      const recordings = await recording.getConversationRecordings(conversationId, { maxWaitMs: 5000 });
      // 202 has no body: later.
      if (Array.isArray(recordings)) return recordings.flatMap(({ transcript = [] }) => transcript);
    }
  }

  /** Everything of a row's conversation, in one document. */
  async function gathered(row: Sdk.Models.AnalyticsConversation): Promise<object> {
    const { conversationId = '', participants = [] } = row;
    const transcripts: unknown[] = [];
    const media = new Set<string>();
    for (const { purpose, sessions = [] } of participants) {
      for (const { sessionId = '', mediaType = '' } of sessions) {
        media.add(mediaType);
        if (purpose !== 'customer' || mediaType !== 'voice') continue;
        transcripts.push(...(await transcriptsOf(conversationId, sessionId)));
      }
    }
    return {
      ...row,
      ...(media.has('voice') ? { transcripts } : {}),
      ...(media.has('message') ? { messages: await messagesOf(conversationId) } : {}),
      ...(media.has('chat') ? { messages: await chatLinesOf(conversationId) } : {}),
      ...(media.has('email') ? { emails: await emailsOf(conversationId) } : {}),
    };
  }

  it('gathers a day by the query, page after page, as the ledger has it', async () => {
    const known = await ledger(false);
    const seen: string[] = [];
    const kinds = new Set<string>();
    for (let pageNumber = 1; ; pageNumber++) {
      const { conversations: rows = [], totalHits } = await analytics.postAnalyticsConversationsDetailsQuery({
        interval,
        order: 'asc',
        orderBy: 'conversationStart',
        paging: { pageSize: 50, pageNumber },
      });
      if (rows.length === 0) break;
      expect(totalHits).toBe(120);
      for (const row of rows) {
        const { source = '', mediaType, conversationId } = known.get(row.conversationId ?? '') ?? {};
        const whole = (await gathered(row)) as Partial<
          Record<'transcripts' | 'messages' | 'emails', unknown[]>
        >;
        expect(whole).toEqual(JSON.parse(source));
        seen.push(conversationId ?? '');
        const { transcripts, messages, emails } = whole;
        const written = messages ?? emails;
        kinds.add(`${mediaType} ${transcripts?.length ?? (written?.length === 0 ? 'none' : 'some')}`);
      }
    }
    expect(seen).toEqual([...known.keys()]);
    expect([...kinds]).toEqual(
      expect.arrayContaining([
        ...['voice 0', 'voice 1', 'voice 2', 'callback 1'],
        ...['chat none', 'chat some', 'message some', 'email some'],
      ]),
    );
  });

  it('gathers a day by a job, with the attributes of participants', async () => {
    const known = await ledger(true);
    const { dataAvailabilityDate } = await analytics.getAnalyticsConversationsDetailsJobsAvailability();
    expect(dataAvailabilityDate).toBe('2026-03-14T09:00:00.000Z');
    const { jobId = '' } = await analytics.postAnalyticsConversationsDetailsJobs({
      interval,
      order: 'asc',
      orderBy: 'conversationStart',
    });
    const states: (string | undefined)[] = [];
    while (states.at(-1) !== 'FULFILLED') {
      states.push((await analytics.getAnalyticsConversationsDetailsJob(jobId)).state);
    }
    expect(states).toEqual(['QUEUED', 'PENDING', 'FULFILLED']);
    const rows: Sdk.Models.AnalyticsConversation[] = [];
    let cursor: string | undefined;
    do {
      const page = await analytics.getAnalyticsConversationsDetailsJobResults(jobId, {
        pageSize: 50,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.dataAvailabilityDate).toBe(dataAvailabilityDate);
      rows.push(...(page.conversations ?? []));
      cursor = page.cursor;
    } while (cursor !== undefined);
    // Those that went on at midnight are of the day before.
    const ofDay = rows.filter(({ conversationStart = '' }) => conversationStart >= DAY.from);
    expect(ofDay.map(({ conversationId }) => conversationId)).toEqual([...known.keys()]);
    for (const row of ofDay) {
      const source = known.get(row.conversationId ?? '')?.source ?? '';
      expect(JSON.parse(source)).toMatchObject(row as object);
    }
    await analytics.deleteAnalyticsConversationsDetailsJob(jobId);
    expect(await analytics.getAnalyticsConversationsDetailsJob(jobId)).toMatchObject({ state: 'CANCELLED' });
  });

  it('finds by media type, by division and single conversations', async () => {
    const find = (body: Partial<Sdk.Models.ConversationQuery>) =>
      analytics.postAnalyticsConversationsDetailsQuery({
        interval,
        paging: { pageSize: 100, pageNumber: 1 },
        ...body,
      });
    const dimension = (name: string, value: string) => ({ type: 'dimension', dimension: name, value });
    const { conversations: rows = [] } = await find({
      segmentFilters: [
        { type: 'or', predicates: [dimension('mediaType', 'voice'), dimension('mediaType', 'message')] },
      ],
    });
    const media = rows.map(({ participants = [] }) =>
      participants.flatMap(({ sessions = [] }) => sessions.map(({ mediaType }) => mediaType)),
    );
    // A callback has a call.
    for (const types of media) expect(types.includes('voice') || types.includes('message')).toBe(true);
    expect(new Set(media.flat())).toEqual(new Set(['voice', 'message', 'callback']));
    const [one] = rows;
    const divisionId = one?.divisionIds?.[0] ?? '';
    const conversationFilters = [{ type: 'and', predicates: [dimension('divisionId', divisionId)] }];
    expect(await find({ conversationFilters })).toEqual({ conversations: [one], totalHits: 1 });
    const id = one?.conversationId ?? '';
    expect(await analytics.getAnalyticsConversationDetails(id)).toEqual(one);
    expect(await analytics.getAnalyticsConversationsDetails({ id: [id, id] })).toMatchObject({
      conversations: [one, one],
    });
  });

  it('is told which recording a link is of, and of one link alone', async () => {
    const { conversations: rows = [] } = await analytics.postAnalyticsConversationsDetailsQuery({
      interval,
      segmentFilters: [
        {
          type: 'and',
          predicates: [
            { dimension: 'recording', value: 'true' },
            { dimension: 'purpose', value: 'customer' },
          ],
        },
      ],
    });
    const { conversationId = '', participants } = rows[0] ?? {};
    const communicationId = participants?.[0]?.sessions?.[0]?.sessionId ?? '';
    const ids = [conversationId, communicationId] as const;
    const answer = await speech.getSpeechandtextanalyticsConversationCommunicationTranscripturls(...ids);
    const { url = '' } = await speech.getSpeechandtextanalyticsConversationCommunicationTranscripturl(...ids);
    expect(new URL(url).pathname).toBe(new URL(answer.urls?.[0]?.url ?? '').pathname);
    expect(answer).toMatchObject({
      conversation: { id: conversationId },
      communicationId,
      urls: [{ recording: { id: expect.any(String) }, url: expect.stringContaining('X-Amz-Signature') }],
    });
  });
});

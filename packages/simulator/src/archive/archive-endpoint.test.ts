import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultInput, type Simulator, SimulatorControl } from '../index.ts';
import { type ArchiveReader, DAY, type ReadReply, stillArchive } from '../testing/archive-reader.ts';
import type { Poller } from '../testing/poller.ts';

const hex = (body: Buffer) => createHash('sha256').update(body).digest('hex');
const stated = ({ headers }: ReadReply) => headers['x-checksum-sha256'];
const represented = ({ headers }: ReadReply) =>
  Buffer.from(/^sha-256=:(.+):$/.exec(headers['repr-digest'] ?? '')?.[1] ?? '', 'base64').toString('hex');
const message = ({ body }: ReadReply) => (JSON.parse(body.toString()) as { message: string }).message;

describe('the archive endpoint', () => {
  let simulator: Simulator;
  let reader: ArchiveReader;
  let poller: Poller;
  let control: SimulatorControl;

  beforeAll(async () => {
    ({ simulator, reader, poller } = await stillArchive());
    control = new SimulatorControl(simulator.url);
  });
  beforeEach(async () => {
    await control.clearFaults();
    await control.changeArchive({ pages: 1, digest: 'both', layout: 'compact' });
    await poller.renewToken();
    reader.token = poller.token;
  });
  afterAll(() => simulator.close());

  const once = (fault: FaultInput) =>
    control.addFaults({ match: 'archives', ...fault, times: 1 } as FaultInput);
  const resume = (from: number, etag: string | undefined) =>
    reader.query({}, { headers: { range: `bytes=${from}-`, 'if-range': etag } });

  it('answers the conversations of the window with length, ETag and digest', async () => {
    const reply = await reader.query();
    expect(reply).toMatchObject({ status: 200, broken: false });
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'accept-ranges': 'bytes',
      'content-length': String(reply.body.length),
      etag: expect.stringMatching(/^"[0-9a-f]{40}"$/),
    });
    expect([stated(reply), represented(reply)]).toEqual([hex(reply.body), hex(reply.body)]);
    const items = JSON.parse(reply.body.toString()) as { conversationStart: string; mediaType: string }[];
    expect(items.length).toBeGreaterThan(15);
    for (const { conversationStart, mediaType } of items) {
      expect(conversationStart >= DAY.from && conversationStart < DAY.to).toBe(true);
      expect(['voice', 'chat']).toContain(mediaType);
    }
    const all = JSON.parse((await reader.query({ filter: [] })).body.toString()) as unknown[];
    expect(all).toHaveLength(30);
  });

  it.each([
    ['from is not before to', { from: DAY.to, to: DAY.from }, 'from'],
    ['the interval is longer than 31 days', { from: '2026-01-01T00:00:00Z' }, 'to'],
    ['a time is not RFC 3339', { from: '2026-03-13' }, 'from'],
    ['size is 0', { size: 0 }, 'size'],
    ['a media type is not known', { filter: [{ type: 'in', clause: 'mediaType=fax' }] }, 'filter.0.clause'],
    ['a clause has another field', { filter: [{ type: 'in', clause: 'queue=1' }] }, 'filter.0.clause'],
    ['a clause has another type', { filter: [{ type: 'out', clause: 'mediaType=chat' }] }, 'filter.0.type'],
    ['a member is not known', { form: DAY.from }, 'form'],
  ])('refuses a query where %s', async (_, body, named) => {
    const reply = await reader.query(body);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body.toString())).toMatchObject({ code: 'bad.request', status: 400 });
    expect(message(reply)).toContain(named);
  });

  it('refuses what is no query at all', async () => {
    expect((await reader.query('{')).status).toBe(400);
    const storage = (value: string | undefined) =>
      reader.query({}, { headers: { 'x-genesys-storage-class': value } });
    expect(message(await storage(undefined))).toMatch(/X-Genesys-Storage-Class is missing/);
    expect(message(await storage('COLD'))).toMatch(/X-Genesys-Storage-Class is not known/);
    expect((await storage('GLACIER')).status).toBe(200);
    expect((await reader.query({}, { headers: { 'content-type': 'text/plain' } })).status).toBe(415);
    expect((await reader.query({}, { headers: { authorization: 'Bearer none' } })).status).toBe(401);
    expect((await reader.query({}, { page: 'AAAA' })).status).toBe(400);
  });

  it('names the scope that is missing, and only the one of the archives', async () => {
    await control.setMissingPermissions('analytics:conversation:read');
    const reply = await reader.query();
    expect(reply.status).toBe(403);
    expect(message(reply)).toContain('analytics:conversation:read');
    expect((await poller.request({ eventTypes: ['auditlogs'] })).status).toBe(200);
    await control.setMissingPermissions('AuditLogs:View');
    expect((await reader.query()).status).toBe(200);
    await control.setMissingPermissions();
  });

  it('continues from any offset where nothing changed', async () => {
    const { body, headers } = await reader.query();
    for (const from of [0, 1, 777, body.length - 1]) {
      const rest = await resume(from, headers['etag']);
      expect(rest.status).toBe(206);
      expect(rest.headers['content-range']).toBe(`bytes ${from}-${body.length - 1}/${body.length}`);
      expect(rest.headers['content-length']).toBe(String(body.length - from));
      expect(stated(rest)).toBe(hex(body));
      expect(rest.body.equals(body.subarray(from))).toBe(true);
    }
    const beyond = await resume(body.length, headers['etag']);
    expect(beyond).toMatchObject({ status: 416, headers: { 'content-range': `bytes */${body.length}` } });
    expect((await resume(5, '"another"')).status).toBe(200);
    expect((await resume(5, undefined)).status).toBe(206);
  });

  it.each(['repr-digest', 'x-checksum', 'both', 'none'] as const)(
    'states the digest in the form %s',
    async (digest) => {
      await control.changeArchive({ digest });
      const reply = await reader.query();
      expect(stated(reply)).toBe(digest === 'x-checksum' || digest === 'both' ? hex(reply.body) : undefined);
      expect('repr-digest' in reply.headers).toBe(digest === 'repr-digest' || digest === 'both');
    },
  );

  it('hands out pages that together are the window', async () => {
    const whole = JSON.parse((await reader.query()).body.toString()) as unknown[];
    for (const pages of [4, 'size'] as const) {
      await control.changeArchive({ pages });
      const items: unknown[] = [];
      let page: string | undefined;
      let asked = 0;
      do {
        const reply: ReadReply = await reader.query({ size: 7 }, page === undefined ? {} : { page });
        expect(stated(reply)).toBe(hex(reply.body));
        items.push(...(JSON.parse(reply.body.toString()) as unknown[]));
        page = reply.headers['x-next-page'];
        asked += 1;
        if (page !== undefined) expect((await reader.query({ size: 8 }, { page })).status).toBe(400);
      } while (page !== undefined);
      expect(asked).toBe(pages === 4 ? 4 : Math.ceil(whole.length / 7));
      expect(items).toEqual(whole);
    }
  });

  describe('under a fault', () => {
    it('drops the connection after so many bytes, so many times, and can be resumed', async () => {
      const whole = await reader.query();
      await control.addFaults({ kind: 'cut', match: 'archives', bytes: 5000, times: 3 });
      const pieces: Buffer[] = [];
      let statuses = '';
      for (let got = 0; got < whole.body.length; ) {
        const reply: ReadReply = await resume(got, whole.headers['etag']);
        statuses += `${reply.status}${reply.broken ? 'x' : ''} `;
        pieces.push(reply.body);
        got += reply.body.length;
      }
      expect(statuses).toBe('206x 206x 206x 206 ');
      expect(Buffer.concat(pieces).equals(whole.body)).toBe(true);
      await once({ kind: 'reset-mid-body', bytes: 10 });
      // A reset may overtake what was sent before it, the status line too.
      expect(await reader.query().catch(() => ({ broken: true }))).toMatchObject({ broken: true });
      await once({ kind: 'reset' });
      await expect(reader.query()).rejects.toThrow();
    });

    it('states a wrong digest, and mends', async () => {
      await once({ kind: 'wrong-digest' });
      const wrong = await reader.query();
      expect([stated(wrong) === hex(wrong.body), represented(wrong) === hex(wrong.body)]).toEqual([
        false,
        false,
      ]);
      await once({ kind: 'wrong-digest', header: 'repr-digest' });
      const half = await reader.query();
      expect([stated(half) === hex(half.body), represented(half) === hex(half.body)]).toEqual([true, false]);
      const sound = await reader.query();
      expect(stated(sound)).toBe(hex(sound.body));
    });

    it('answers a Range with the whole', async () => {
      const { body, headers } = await reader.query();
      await once({ kind: 'range-ignored' });
      const reply = await resume(100, headers['etag']);
      expect(reply.status).toBe(200);
      expect(reply.body.equals(body)).toBe(true);
    });

    it('rewrites the archive between attempts', async () => {
      const before = await reader.query();
      await once({ kind: 'archive-rewritten' });
      const reply = await resume(100, before.headers['etag']);
      expect(reply.status).toBe(200);
      expect(reply.headers['etag']).not.toBe(before.headers['etag']);
      expect(stated(reply)).toBe(hex(reply.body));
      const ids = ({ body }: ReadReply) =>
        (JSON.parse(body.toString()) as { conversationId: string }[]).map(
          ({ conversationId }) => conversationId,
        );
      expect(ids(reply)).toEqual(ids(before));
      expect((await reader.query()).body.equals(reply.body)).toBe(true);
      const [first] = ids(reply);
      expect(await control.conversation(first as string)).toMatchObject({ revision: 1 });
    });

    it('changes the ETag of the same bytes', async () => {
      const before = await reader.query();
      await once({ kind: 'new-etag' });
      const reply = await resume(100, before.headers['etag']);
      expect(reply.status).toBe(200);
      expect(reply.body.equals(before.body)).toBe(true);
    });

    it('serves other bytes under the same ETag and digest', async () => {
      const before = await reader.query();
      await once({ kind: 'other-bytes' });
      const reply = await resume(100, before.headers['etag']);
      expect(reply.status).toBe(206);
      expect(stated(reply)).toBe(stated(before));
      const mixed = Buffer.concat([before.body.subarray(0, 100), reply.body]);
      expect(mixed.length).toBe(before.body.length);
      expect(hex(mixed)).not.toBe(stated(before));
      expect(JSON.parse(mixed.toString())).toHaveLength(JSON.parse(before.body.toString()).length);
    });

    it('breaks the JSON at a byte, or ends it early, with the right digest', async () => {
      const before = await reader.query();
      await once({ kind: 'broken-json', at: 1234 });
      const broken = await reader.query();
      expect(stated(broken)).toBe(hex(broken.body));
      expect(broken.body.length).toBe(before.body.length);
      expect([...broken.body.keys()].filter((at) => broken.body[at] !== before.body[at])).toEqual([1234]);
      expect(() => JSON.parse(broken.body.toString())).toThrow();
      await once({ kind: 'truncated-json', bytes: 2000 });
      const cut = await reader.query();
      expect(cut).toMatchObject({ status: 200, broken: false });
      expect(stated(cut)).toBe(hex(cut.body));
      expect(cut.body.equals(before.body.subarray(0, 2000))).toBe(true);
      const rest = await resume(10, cut.headers['etag']);
      expect(rest.status).toBe(200);
      expect(rest.body.equals(before.body)).toBe(true);
    });

    it('puts white space around and into conversations', async () => {
      const before = await reader.query();
      for (const layout of ['lines', 'pretty'] as const) {
        await once({ kind: 'layout', layout });
        const reply = await reader.query();
        expect(stated(reply)).toBe(hex(reply.body));
        expect(reply.body.toString()).toContain('\n');
        expect(JSON.parse(reply.body.toString())).toEqual(JSON.parse(before.body.toString()));
      }
    });

    it('states no length, or a wrong one', async () => {
      const before = await reader.query();
      await once({ kind: 'no-length' });
      const chunked = await reader.query();
      expect(chunked.headers['content-length']).toBeUndefined();
      expect(chunked.body.equals(before.body)).toBe(true);
      await once({ kind: 'wrong-length', by: 7 });
      const longer = await reader.query();
      expect(longer.headers['content-length']).toBe(String(before.body.length + 7));
      expect([longer.broken, longer.body.length]).toEqual([true, before.body.length]);
      await once({ kind: 'wrong-length', by: -7 });
      expect((await reader.query()).body.length).toBe(before.body.length - 7);
      await once({ kind: 'truncate', bytes: 50 });
      const truncated = await reader.query();
      expect([truncated.broken, truncated.body.length]).toEqual([false, 50]);
      expect(stated(truncated)).toBe(hex(before.body));
    });

    it('sends slowly, or stalls', async () => {
      const before = await reader.query();
      await once({ kind: 'slow-body', durationMs: 20, pieces: 4 });
      expect((await reader.query()).body.equals(before.body)).toBe(true);
      await once({ kind: 'stall', bytes: 300, ms: 20 });
      const stalled = await reader.query();
      expect([stalled.broken, stalled.body.length]).toEqual([true, 300]);
    });

    it('is refused as by any endpoint', async () => {
      await once({ kind: 'rate-limit', retryAfterSeconds: 3 });
      expect(await reader.query()).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
      await once({ kind: 'rate-limit' });
      expect((await reader.query()).headers['retry-after']).toBeUndefined();
      await once({ kind: 'status', status: 502 });
      expect((await reader.query()).status).toBe(502);
      await once({ kind: 'forbidden' });
      expect(message(await reader.query())).toContain('analytics:conversation:read');
      await once({ kind: 'unauthorized' });
      expect([(await reader.query()).status, (await reader.query()).status]).toEqual([401, 401]);
    });

    it('of another endpoint is let alone', async () => {
      await control.addFaults({ kind: 'status' });
      expect((await reader.query()).status).toBe(200);
      await expect(
        control.addFaults({ kind: 'wrong-digest', match: 'eventstreams' } as never),
      ).rejects.toThrow(/400/);
    });
  });
});

describe('what the control API tells of the archives', () => {
  it('is what was served', async () => {
    const { simulator, reader } = await stillArchive({ archiveOdd: ['not-object'], archivePages: 2 });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    const ready = await control.archivePage({ ...DAY, media: ['voice', 'chat'] });
    const first = await reader.query();
    expect(ready).toMatchObject({ page: 0, pages: 2, bytes: first.body.length, sha256: hex(first.body) });
    expect(ready.etag).toBe(first.headers['etag']);
    await expect
      .poll(() => control.archiveWindows())
      .toMatchObject([{ pagesDelivered: [0], complete: false }]);
    const listed: string[] = [];
    for await (const { conversationId } of control.conversations({ served: true }))
      listed.push(String(conversationId));
    expect(listed).toEqual([]);

    simulator.faults.add({ kind: 'cut', match: 'archives', times: 1 });
    const page = first.headers['x-next-page'] as string;
    expect((await reader.query({}, { page })).broken).toBe(true);
    expect((await control.archiveWindows())[0]?.complete).toBe(false);
    const second = await reader.query({}, { page });
    await expect
      .poll(() => control.archiveWindows())
      .toMatchObject([
        { ...DAY, media: ['voice', 'chat'], pages: 2, pagesDelivered: [0, 1], complete: true, deliveries: 2 },
      ]);
    const sources: string[] = [];
    for await (const { source } of control.conversations({ served: true, source: true }))
      sources.push(source ?? '');
    expect(`[${sources.join(',')}]`).toBe(
      `${first.body.toString().slice(0, -1)},${second.body.toString().slice(1)}`,
    );
    expect(await control.downloads()).toMatchObject([
      { page: 0, delivered: true, status: 200 },
      { page: 1, delivered: false, faults: ['cut'] },
      { page: 1, delivered: true, bytes: second.body.length },
    ]);
    expect(await control.archiveSummary({ served: true })).toMatchObject({
      conversations: sources.length,
      withoutId: 1,
    });
  });

  it('lists personal data, each writing once where that is asked for', async () => {
    const { simulator } = await stillArchive({ archivePeople: 3 });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    const all: string[] = [];
    const distinct: string[] = [];
    for await (const datum of control.personalData(DAY))
      all.push(`${datum.type}${datum.form}${datum.claimed}${datum.written}`);
    for await (const datum of control.personalData({ ...DAY, distinct: true })) {
      distinct.push(`${datum.type}${datum.form}${datum.claimed}${datum.written}`);
    }
    expect(distinct.length).toBeLessThan(all.length / 2);
    expect(distinct.toSorted()).toEqual([...new Set(all)].toSorted());
    const unclaimed = [];
    for await (const datum of control.personalData({ ...DAY, claimed: false })) unclaimed.push(datum.type);
    expect(new Set(unclaimed)).toEqual(new Set(['NAME']));
    await expect(control.conversation('nobody')).rejects.toThrow(/404/);
    await expect(control.archiveSummary({ from: 'yesterday', to: DAY.to })).rejects.toThrow(/400/);
  });

  it('is changed day by day', async () => {
    const { simulator, reader } = await stillArchive();
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    await control.changeArchive({ day: '2026-03-13', conversations: 2 });
    await control.changeArchive({ odd: ['not-object', { kind: 'huge', bytes: 50_000 }] });
    await control.changeArchive({ odd: ['id-member'], at: '2026-03-12T01:00:00Z' });
    expect(JSON.parse((await reader.query({ filter: [] })).body.toString())).toHaveLength(4);
    const before = { from: '2026-03-12T00:00:00Z', to: '2026-03-13T00:00:00Z', filter: [] };
    expect(JSON.parse((await reader.query(before)).body.toString())).toHaveLength(31);
    await control.changeArchive({ day: '2026-03-13', conversations: 0, bytes: null });
    await expect(control.changeArchive({ odd: ['earthquake' as never] })).rejects.toThrow(/400/);
  });

  it('outlives a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'archive-'));
    try {
      const one = await stillArchive({ dataDir });
      await new SimulatorControl(one.simulator.url).changeArchive({
        rewrite: DAY,
        odd: ['id-member'],
        digest: 'none',
      });
      const reply = await one.reader.query();
      await expect.poll(() => one.simulator.downloads.windows()).toHaveLength(1);
      await one.simulator.close();
      const two = await stillArchive({ dataDir, archiveConversations: undefined });
      await using _ = two.simulator;
      const again = await two.reader.query();
      expect(again.body.equals(reply.body)).toBe(true);
      expect(again.headers['x-checksum-sha256']).toBeUndefined();
      await expect.poll(() => two.simulator.downloads.windows()).toMatchObject([{ deliveries: 2 }]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

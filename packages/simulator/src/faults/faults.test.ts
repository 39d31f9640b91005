import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultInput, type Simulator, SimulatorControl } from '../index.ts';
import {
  CREDENTIALS,
  type HandClock,
  type PolledPage,
  type Poller,
  still,
  tokenRequest,
} from '../testing/poller.ts';

const POLL = { eventTypes: ['auditlogs'], limit: 100 };
const ids = ({ events }: Pick<PolledPage, 'events'>) => events.map(({ id }) => id);

describe('a fault', () => {
  let simulator: Simulator;
  let clock: HandClock;
  let poller: Poller;
  let control: SimulatorControl;

  beforeAll(async () => {
    ({ simulator, clock, poller } = await still({ backlog: 60 }));
    control = new SimulatorControl(simulator.url);
  });
  beforeEach(async () => {
    await control.clearFaults();
    await poller.renewToken();
  });
  afterAll(() => simulator.close());

  const once = (fault: FaultInput) => control.addFaults({ ...fault, times: 1 });
  const fails = async (fault: FaultInput, response: Promise<Response> = poller.request(POLL)) => {
    await expect(response.then((reply) => reply.text())).rejects.toThrow();
    await expect.poll(latest).toMatchObject({ outcome: 'broken', faults: [fault.kind] });
  };
  /** A request is logged when it has ended here, which may be after the client saw its end. */
  const latest = async () => (await control.requests()).at(-1);
  /** Deliveries in the ledger that an action brings. */
  const deliveries = async (action: () => Promise<unknown>) => {
    const before = (await control.summary()).served;
    await action();
    return (await control.summary()).served - before;
  };

  it('strikes so many times, after so many requests, at one endpoint', async () => {
    await control.addFaults({ kind: 'status', times: 2, after: 1 });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await poller.request(POLL)).status);
    expect(statuses).toEqual([200, 503, 503, 200, 200]);
    expect(await control.faults()).toMatchObject([{ seen: 5, struck: 2 }]);
    await control.addFaults({ kind: 'status', match: 'token', status: 502 });
    expect((await tokenRequest(simulator.url, CREDENTIALS)).status).toBe(502);
    expect((await poller.request(POLL)).status).toBe(200);
  });

  it('strikes by chance, the same for the same seed', async () => {
    const statuses = async () => {
      const other = await still({ seed: 'dice' });
      await using _ = other.simulator;
      other.simulator.faults.add({ kind: 'status', probability: 0.5 });
      const seen: number[] = [];
      for (let n = 0; n < 40; n++) seen.push((await other.poller.request(POLL)).status);
      return seen;
    };
    const first = await statuses();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await statuses()).toEqual(first);
  });

  it('is refused where there is none of that kind or its measure is wrong, and removed by id', async () => {
    await expect(control.addFaults({ kind: 'earthquake' } as never)).rejects.toThrow(/400/);
    await expect(control.addFaults({ kind: 'status', status: 200 })).rejects.toThrow(/400/);
    const [id] = await control.addFaults({ kind: 'html-200' }, { kind: 'reset' });
    await control.clearFaults(id);
    expect(await control.faults()).toMatchObject([{ fault: { kind: 'reset' } }]);
    await expect(control.clearFaults(id)).rejects.toThrow(/404/);
  });

  it('rate-limit answers 429 with and without Retry-After', async () => {
    await once({ kind: 'rate-limit' });
    await once({ kind: 'rate-limit', retryAfterSeconds: 7 });
    await once({ kind: 'rate-limit', retryAfterSeconds: 7, form: 'date' });
    const replies = [await poller.request(POLL), await poller.request(POLL), await poller.request(POLL)];
    expect(replies.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(replies.map(({ headers }) => headers.get('retry-after'))).toEqual([
      null,
      '7',
      new Date(clock.ms + 7000).toUTCString(),
    ]);
  });

  it('status answers any error, as JSON, HTML or nothing', async () => {
    for (const body of ['json', 'html', 'empty'] as const) await once({ kind: 'status', status: 500, body });
    const texts = [];
    for (let n = 0; n < 3; n++) texts.push(await (await poller.request(POLL)).text());
    expect(JSON.parse(texts[0] as string)).toMatchObject({ status: 500, code: 'internal.server.error' });
    expect([texts[1]?.startsWith('<!DOCTYPE html>'), texts[2]]).toEqual([true, '']);
  });

  it('html-200 and raw answer something else', async () => {
    await once({ kind: 'html-200' });
    await once({ kind: 'raw', body: '{"nextCursor":5,"events":{}}' });
    const html = await poller.request(POLL);
    expect([html.status, html.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await (await poller.request(POLL)).json()).toEqual({ nextCursor: 5, events: {} });
  });

  it('reset, reset-mid-body and cut break the connection, and nothing counts as delivered', async () => {
    for (const kind of ['reset', 'reset-mid-body', 'cut'] as const) {
      await once({ kind });
      expect(await deliveries(() => fails({ kind }))).toBe(0);
    }
    await once({ kind: 'reset', match: 'token' });
    await fails({ kind: 'reset' }, tokenRequest(simulator.url, CREDENTIALS));
  });

  it('truncate sends half of the JSON as if it were whole', async () => {
    await once({ kind: 'truncate' });
    expect(
      await deliveries(async () => {
        const response = await poller.request(POLL);
        const text = await response.text();
        expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
        expect(() => JSON.parse(text)).toThrow();
      }),
    ).toBe(0);
  });

  it('slow-body and delay let the page come whole', async () => {
    await once({ kind: 'slow-body', durationMs: 50, pieces: 5 });
    await once({ kind: 'delay', ms: 20 });
    expect(await deliveries(async () => expect((await poller.page()).events).toHaveLength(60))).toBe(60);
    await expect.poll(latest).toMatchObject({ faults: ['delay', 'slow-body'] });
  });

  it('stall says nothing, or stops in the body, until the client gives up', async () => {
    const impatient = () => poller.request(JSON.stringify(POLL), { signal: AbortSignal.timeout(100) });
    await once({ kind: 'stall' });
    await once({ kind: 'stall', bytes: 100 });
    await once({ kind: 'stall', ms: 10 });
    await expect(impatient()).rejects.toThrow();
    await expect(impatient().then((response) => response.text())).rejects.toThrow();
    await expect(poller.request(POLL)).rejects.toThrow();
  });

  it('unauthorized revokes every token', async () => {
    await once({ kind: 'unauthorized' });
    expect((await poller.request(POLL)).status).toBe(401);
    expect((await poller.request(POLL)).status).toBe(401);
    await poller.renewToken();
    expect((await poller.request(POLL)).status).toBe(200);
  });

  it('forbidden names a permission', async () => {
    await once({ kind: 'forbidden', permission: 'Users:View' });
    const response = await poller.request(POLL);
    expect([response.status, await response.text()]).toEqual([403, expect.stringContaining('Users:View')]);
  });

  it('invalid-client refuses the right credentials', async () => {
    await once({ kind: 'invalid-client', status: 400 });
    const response = await tokenRequest(simulator.url, CREDENTIALS);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_client' }),
    ]);
  });

  it('expired-cursor ends all cursors, and strikes only where there is one', async () => {
    const { nextCursor } = await poller.page(null, 5);
    await once({ kind: 'expired-cursor', status: 410 });
    await poller.page();
    const response = await poller.request({ ...POLL, cursor: nextCursor });
    expect([response.status, await response.text()]).toEqual([410, expect.stringContaining('cursor')]);
    await expect(poller.page(nextCursor)).rejects.toThrow(/400.*cursor/);
    expect((await poller.page((await poller.page(null, 5)).nextCursor, 5)).events).toHaveLength(5);
  });

  it('repeated-cursor gives events and the cursor that was sent', async () => {
    const { nextCursor } = await poller.page(null, 5);
    await control.addFaults({ kind: 'repeated-cursor', times: 2 });
    const first = await poller.page(nextCursor, 5);
    const second = await poller.page(nextCursor, 5);
    expect([first.nextCursor, second.nextCursor]).toEqual([nextCursor, nextCursor]);
    expect(ids(first)).toEqual(ids(second));
    expect((await poller.page(nextCursor, 5)).nextCursor).not.toBe(nextCursor);
  });

  it('null-cursor gives events and null', async () => {
    await once({ kind: 'null-cursor' });
    expect(await poller.page(null, 5)).toMatchObject({ nextCursor: null, events: { length: 5 } });
  });

  it('page-grew gives a part and null, and more when asked again', async () => {
    await once({ kind: 'page-grew' });
    const part = await poller.page(null, 10);
    expect(part).toMatchObject({ nextCursor: null, events: { length: 5 } });
    const whole = await poller.page(null, 10);
    expect(ids(whole).slice(0, 5)).toEqual(ids(part));
    expect(whole.events).toHaveLength(10);
  });

  it('duplicates-in-page repeats events inside the limit, and loses none', async () => {
    await once({ kind: 'duplicates-in-page', count: 3 });
    const first = await poller.page(null, 20);
    expect([first.events.length, new Set(ids(first)).size]).toEqual([20, 17]);
    const second = await poller.page(first.nextCursor, 100);
    expect(new Set([...ids(first), ...ids(second)]).size).toBe(60);
  });

  it('duplicates-across-pages begins with the end of the page before, and loses none', async () => {
    const first = await poller.page(null, 20);
    await once({ kind: 'duplicates-across-pages', count: 4 });
    const second = await poller.page(first.nextCursor, 20);
    expect(ids(second).slice(0, 4)).toEqual(ids(first).slice(-4));
    const third = await poller.page(second.nextCursor, 100);
    expect(new Set([...ids(first), ...ids(second), ...ids(third)]).size).toBe(60);
  });

  it('missing-cursor leaves it out, and the page does not count as delivered', async () => {
    await once({ kind: 'missing-cursor' });
    expect(await deliveries(async () => expect(await poller.page()).not.toHaveProperty('nextCursor'))).toBe(
      0,
    );
  });

  it('empty-page moves the cursor and skips nothing', async () => {
    const { nextCursor } = await poller.page(null, 5);
    await once({ kind: 'empty-page' });
    const empty = await poller.page(nextCursor, 5);
    expect(empty.events).toEqual([]);
    expect(empty.nextCursor).not.toBe(nextCursor);
    expect(ids(await poller.page(empty.nextCursor, 5))).toEqual(ids(await poller.page(nextCursor, 5)));
  });

  it('huge-page is of that size and says the same', async () => {
    const plain = await poller.page();
    await once({ kind: 'huge-page', bytes: 3_000_000 });
    const huge = await poller.page();
    expect(huge.text.length).toBeGreaterThan(2_900_000);
    expect(huge.events).toEqual(plain.events);
  });

  it('date-offset shifts or drops the Date header', async () => {
    await once({ kind: 'date-offset', seconds: 600 });
    await once({ kind: 'date-offset', seconds: null });
    expect((await poller.request(POLL)).headers.get('date')).toBe(new Date(clock.ms + 600_000).toUTCString());
    expect((await poller.request(POLL)).headers.get('date')).toBe(null);
  });

  it('may strike together with another', async () => {
    await once({ kind: 'null-cursor' });
    await once({ kind: 'duplicates-in-page', count: 2 });
    await once({ kind: 'date-offset', seconds: 60 });
    const page = await poller.page(null, 10);
    expect(page.nextCursor).toBe(null);
    expect(new Set(ids(page)).size).toBe(8);
    await expect.poll(latest).toMatchObject({ faults: ['duplicates-in-page', 'null-cursor', 'date-offset'] });
  });

  it('id-conflict puts an event with the id of an earlier one into the stream for good', async () => {
    await once({ kind: 'id-conflict' });
    const page = await poller.page();
    expect([page.events.length, new Set(ids(page)).size]).toEqual([61, 60]);
    expect((await poller.page()).text.slice(100)).toBe(page.text.slice(100));
    expect(await control.summary()).toMatchObject({ conflicts: 1, unique: 60, servedEvents: 61 });
  });
});

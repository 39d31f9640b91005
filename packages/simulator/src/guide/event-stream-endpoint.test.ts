import { describe, expect, it } from 'vitest';
import { SimulatorControl } from '../index.ts';
import { SealedText } from '../sealed-text.ts';
import { type Poller, still } from '../testing/poller.ts';
import { CursorBook } from './cursor.ts';

const ids = (events: Record<string, unknown>[]) => events.map(({ id }) => id);

describe('a poll that is wrong', () => {
  const right = { eventTypes: ['auditlogs'], limit: 100 };

  it.each([
    ['no JSON', '{"eventTypes":', 'not valid JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'not valid JSON'],
    ['no event types', { limit: 1 }, 'eventTypes'],
    ['an unknown event type', { eventTypes: ['conversations'] }, 'eventTypes'],
    ['a limit of 0', { ...right, limit: 0 }, 'limit'],
    ['a limit of 101', { ...right, limit: 101 }, 'limit'],
    ['a limit that is text', { ...right, limit: '100' }, 'limit'],
    ['a null cursor', { ...right, cursor: null }, 'cursor'],
    ['an empty cursor', { ...right, cursor: '' }, 'cursor'],
    ['an unknown member', { ...right, pageSize: 5 }, 'pageSize'],
    [
      'an unknown operator',
      { ...right, filters: [{ field: 'action', operator: 'LIKE', value: 'x' }] },
      'operator',
    ],
    [
      'an unknown field',
      { ...right, filters: [{ field: 'colour', operator: 'EQUAL', value: 'x' }] },
      'field',
    ],
    [
      'a value that is no text',
      { ...right, filters: [{ field: 'action', operator: 'EQUAL', value: 1 }] },
      'value',
    ],
  ])('is answered 400 for %s', async (_what, body, names) => {
    const { simulator, poller } = await still();
    await using _ = simulator;
    const response = await poller.request('', {
      body: body instanceof Buffer || typeof body === 'string' ? body : JSON.stringify(body),
    });
    expect(response.status).toBe(400);
    const error = (await response.json()) as Record<string, unknown>;
    expect(error).toMatchObject({ code: 'bad.request', status: 400, contextId: expect.any(String) });
    expect(error['message']).toContain(names);
  });

  it('is answered 401 without a token that was issued here and is still good', async () => {
    const { simulator, clock, poller } = await still({ tokenSeconds: 60 });
    await using _ = simulator;
    const status = async (headers: Record<string, string>) =>
      (await poller.request(right, { headers: { 'Content-Type': 'application/json', ...headers } })).status;
    expect(await status({})).toBe(401);
    expect(await status({ Authorization: 'Basic abc' })).toBe(401);
    expect(await status({ Authorization: 'Bearer made-up' })).toBe(401);
    clock.pass(59);
    expect((await poller.request(right)).status).toBe(200);
    clock.pass(1);
    expect((await poller.request(right)).status).toBe(401);
    await poller.renewToken();
    await new SimulatorControl(simulator.url).revokeTokens();
    expect((await poller.request(right)).status).toBe(401);
    await poller.renewToken();
    expect((await poller.request(right)).status).toBe(200);
  });

  it('is answered 403 naming the permission that is missing, until it is granted', async () => {
    const { simulator, poller } = await still();
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    await control.setMissingPermissions('AuditLogs:View');
    const response = await poller.request(right);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: 'missing.permissions',
      message: expect.stringContaining('AuditLogs:View'),
    });
    await control.setMissingPermissions();
    expect((await poller.request(right)).status).toBe(200);
  });

  it('is answered 404, 405, 413, 415 for path, method, size, type', async () => {
    const { simulator, poller } = await still();
    await using _ = simulator;
    expect((await fetch(`${simulator.url}/api/v2/eventstream`, { method: 'POST' })).status).toBe(404);
    const get = await fetch(`${simulator.url}/api/v2/eventstreams`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await poller.request(JSON.stringify({ ...right, filler: 'x'.repeat(600_000) }))).status).toBe(
      413,
    );
    const { authorization } = await issued(poller);
    const text = await poller.request(right, { headers: { authorization, 'Content-Type': 'text/plain' } });
    expect(text.status).toBe(415);
  });

  async function issued(poller: Poller): Promise<{ authorization: string }> {
    const form = 'grant_type=client_credentials&client_id=simulator-client&client_secret=simulator-secret';
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const response = await fetch(`${poller.url}/oauth/token`, { method: 'POST', headers, body: form });
    return { authorization: `Bearer ${((await response.json()) as { access_token: string }).access_token}` };
  }
});

describe('the event stream', () => {
  it('gives every event once, in order, and says null when it is drained', async () => {
    const { simulator, poller } = await still({ backlog: 250 });
    await using _ = simulator;
    const { events } = await poller.drain();
    expect(events).toHaveLength(250);
    expect(new Set(ids(events)).size).toBe(250);
    const dates = events.map(({ date }) => Date.parse(date as string));
    expect(dates).toEqual(dates.toSorted((a, b) => a - b));
    expect(events.some(({ action }) => action === 'LOGIN')).toBe(false);
  });

  it('goes on right behind the last event of a page, also where a page is asked for again', async () => {
    const { simulator, poller } = await still({ backlog: 30 });
    await using _ = simulator;
    const first = await poller.page(null, 10);
    const second = await poller.page(first.nextCursor, 10);
    const again = await poller.page(first.nextCursor, 10);
    expect(again.events).toEqual(second.events);
    expect(again.nextCursor).not.toBe(second.nextCursor);
    const third = await poller.page(again.nextCursor, 10);
    expect(new Set(ids([...first.events, ...second.events, ...third.events])).size).toBe(30);
  });

  it('gives new events as time passes', async () => {
    const { simulator, clock, poller } = await still({ rate: 10, backlog: 0 });
    await using _ = simulator;
    expect(await poller.page()).toMatchObject({ nextCursor: null, events: [] });
    clock.pass(10);
    const page = await poller.page();
    expect(page.events).toHaveLength(96);
    expect(page.nextCursor).not.toBe(null);
    expect(await poller.page(page.nextCursor)).toMatchObject({ nextCursor: null, events: [] });
  });

  it('ends after so many events', async () => {
    const { simulator, clock, poller } = await still({
      rate: 100,
      backlog: 20,
      events: 150,
      tokenSeconds: 7200,
    });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    expect(await control.state()).toMatchObject({ complete: false });
    clock.pass(3600);
    expect((await poller.drain()).events).toHaveLength(150);
    await expect.poll(() => control.state()).toMatchObject({ complete: true, drained: true });
  });

  it('applies filters', async () => {
    const { simulator, poller } = await still({ backlog: 200 });
    await using _ = simulator;
    const equal = async (filters: object[]) => (await poller.page(null, 100, { filters })).events;
    const logins = await equal([{ field: 'action', operator: 'EQUAL', value: 'LOGIN' }]);
    expect(logins).toHaveLength(8);
    expect((await equal([])).slice(0, 25).filter(({ action }) => action === 'LOGIN')).toHaveLength(1);
    const both = await equal([
      { field: 'action', operator: 'EQUAL', value: 'UPDATE' },
      { field: 'resourceType', operator: 'NOT_EQUAL', value: 'USER' },
    ]);
    expect(both.length).toBeGreaterThan(0);
    expect(both.every(({ action, resourceType }) => action === 'UPDATE' && resourceType !== 'USER')).toBe(
      true,
    );
  });

  it('moves the cursor over events that the filter leaves out', async () => {
    const { simulator, poller } = await still({ backlog: 24_000 });
    await using _ = simulator;
    const filters = [{ field: 'action', operator: 'EQUAL', value: 'NOTHING' }];
    const page = await poller.page(null, 100, { filters });
    expect(page.events).toEqual([]);
    expect(page.nextCursor).not.toBe(null);
    expect((await poller.page(page.nextCursor, 1)).events[0]?.['id']).not.toBe(
      (await poller.page(null, 1)).events[0]?.['id'],
    );
  });

  it('starts a window back without a cursor', async () => {
    const { simulator, clock, poller } = await still({ backlog: 48, backlogHours: 48 });
    await using _ = simulator;
    const { events } = await poller.drain();
    const oldest = Date.parse(events[0]?.['date'] as string);
    expect(clock.ms - oldest).toBeLessThanOrEqual(24 * 3_600_000);
    expect(clock.ms - oldest).toBeGreaterThan(22 * 3_600_000);
  });

  it('refuses a cursor behind which an event has left the window, naming the cursor', async () => {
    const { simulator, clock, poller } = await still({ expiredCursorStatus: 410, tokenSeconds: 1_000_000 });
    await using _ = simulator;
    const { nextCursor } = await poller.page(null, 3);
    const drained = await poller.drain();
    clock.pass(24 * 3600 + 1);
    const response = await poller.request({ eventTypes: ['auditlogs'], cursor: nextCursor });
    expect(response.status).toBe(410);
    expect(await response.json()).toMatchObject({
      code: 'cursor.expired',
      message: expect.stringContaining('cursor'),
    });
    expect((await poller.page(drained.cursor)).events).toEqual([]);
    expect((await poller.page()).events).toEqual([]);
  });

  it('refuses a cursor that outlived its time', async () => {
    const { simulator, clock, poller } = await still({ cursorSeconds: 60 });
    await using _ = simulator;
    const { nextCursor } = await poller.page(null, 3);
    clock.pass(60);
    await poller.page(nextCursor);
    clock.pass(1);
    await expect(poller.page(nextCursor)).rejects.toThrow(/400.*cursor/);
  });

  it('takes no cursor that it did not issue', async () => {
    const { simulator, poller } = await still();
    await using _ = simulator;
    const { nextCursor } = await poller.page(null, 3);
    const forged = new CursorBook(new SealedText('another key')).issue({
      position: 1,
      issuedMs: 0,
      generation: 0,
    });
    const spelt = `${nextCursor}=`;
    for (const cursor of ['made-up', forged, spelt, `${nextCursor}${nextCursor}`]) {
      await expect(poller.page(cursor)).rejects.toThrow(/400.*cursor is not valid/);
    }
  });

  it('says null with events where it is told to, and then gives the tail again, grown', async () => {
    const { simulator, clock, poller } = await still({ tail: 'null-repeat', rate: 1 });
    await using _ = simulator;
    const first = await poller.page(null, 5);
    const tail = await poller.page(first.nextCursor);
    expect(tail).toMatchObject({ nextCursor: null, events: { length: 5 } });
    clock.pass(30);
    const grown = await poller.page(first.nextCursor);
    expect(grown.events.length).toBeGreaterThan(30);
    expect(grown.events.slice(0, 5)).toEqual(tail.events);
  });

  it('says null with events and gives each only once where it is told to', async () => {
    const { simulator, clock, poller } = await still({ tail: 'null-once', rate: 1 });
    await using _ = simulator;
    const first = await poller.page(null, 5);
    const tail = await poller.page(first.nextCursor);
    expect(tail).toMatchObject({ nextCursor: null, events: { length: 5 } });
    await expect.poll(async () => (await poller.page(first.nextCursor)).events).toEqual([]);
    clock.pass(30);
    const fresh = await poller.page(first.nextCursor);
    expect(ids(fresh.events).filter((id) => ids(tail.events).includes(id))).toEqual([]);
    expect(fresh.events.length).toBeGreaterThan(25);
  });

  it('tells the time of its own clock', async () => {
    const { simulator, clock, poller } = await still();
    await using _ = simulator;
    const date = async () =>
      Date.parse((await poller.request({ eventTypes: ['auditlogs'] })).headers.get('date') ?? '');
    expect(await date()).toBe(clock.ms);
    await new SimulatorControl(simulator.url).changeClock({ shiftSeconds: -7200 });
    expect(await date()).toBe(clock.ms - 7_200_000);
  });
});

describe('pages that are written before they are asked for', () => {
  it('are those that would be written then, whatever strikes them', async () => {
    const replies = async (change: { writePages?: true }): Promise<unknown[]> => {
      const { simulator, poller } = await still({ backlog: 0 });
      await using _ = simulator;
      await new SimulatorControl(simulator.url).changeStream({ addEvents: 350, ...change });
      const first = await poller.page();
      const second = await poller.page(first.nextCursor);
      const other = await poller.page(first.nextCursor, 50);
      simulator.faults.add({ kind: 'duplicates-in-page', count: 3, times: 1 });
      const struck = await poller.page(first.nextCursor);
      const rest = await poller.page(second.nextCursor);
      return [first, second, other, struck, rest, await poller.page(rest.nextCursor)].map(
        ({ events }) => events,
      );
    };
    expect(await replies({ writePages: true })).toEqual(await replies({}));
  });
});

import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type LedgerEvent, type Simulator, SimulatorControl, startSimulator } from '../index.ts';
import { HandClock, Poller, still } from '../testing/poller.ts';

const directories: string[] = [];
const temporary = () => {
  const directory = mkdtempSync(join(tmpdir(), 'simulator-'));
  directories.push(directory);
  return directory;
};
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

async function all(
  simulator: Simulator,
  query: Parameters<SimulatorControl['events']>[0] = {},
): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const event of new SimulatorControl(simulator.url).events(query)) events.push(event);
  return events;
}

describe('the ledger', () => {
  it('tells every event of the stream, served or not, with its exact source text', async () => {
    const { simulator, clock, poller } = await still({ backlog: 50 });
    await using _ = simulator;
    const page = await poller.page(null, 30);
    const events = await all(simulator, { source: true });
    expect(events.map(({ n }) => n)).toEqual(events.map((_event, index) => index));
    const served = events.filter((event) => event.served > 0);
    expect(served.map(({ id }) => id)).toEqual(page.events.map(({ id }) => id));
    for (const event of served) {
      expect(page.text).toContain(event.source);
      expect(event.sha256).toBe(
        createHash('sha256')
          .update(event.source ?? '')
          .digest('hex'),
      );
      expect(event).toMatchObject({
        served: 1,
        firstServedAt: clock.ms,
        filtered: false,
        tags: [],
        of: null,
      });
    }
    expect(events.filter(({ filtered, served: times }) => !filtered && times === 0)).toHaveLength(20);
    expect(events.filter(({ filtered }) => filtered).length).toBeGreaterThan(0);
    expect((await all(simulator, { after: 9, limit: 3 })).map(({ n }) => n)).toEqual([10, 11, 12]);
  });

  it('sums up what is due, served, unique and left', async () => {
    const { simulator, poller } = await still({ backlog: 50 });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    const first = await poller.page(null, 20);
    await poller.page(null, 20);
    await poller.page(first.nextCursor, 20);
    await expect
      .poll(() => control.summary())
      .toMatchObject({
        dueVisible: 50,
        unserved: 10,
        served: 60,
        servedEvents: 40,
        unique: 40,
        conflicts: 0,
        polls: 3,
        pollsWithoutCursor: 2,
        requestsByStatus: { 200: 4 },
        requestsPerSecond: [{ token: 1, eventstreams: 3 }],
      });
    expect(await control.state()).toMatchObject({ drained: false });
    await poller.drain();
    await expect.poll(() => control.state()).toMatchObject({ drained: true, complete: true });
    await control.addEvents(1);
    expect(await control.state()).toMatchObject({ drained: false });
  });

  it('tags odd events, and counts an id once', async () => {
    const { simulator, poller } = await still({ backlog: 10 });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    const odd = await control.addOdd(
      'poison',
      { kind: 'id-conflict', of: 0 },
      { kind: 'duplicate', of: 0 },
      { kind: 'wrong-shape', variant: 'number' },
      'duplicate',
    );
    const { events } = await poller.drain();
    expect(events).toHaveLength(15);
    const told = (await all(simulator)).filter(({ tags }) => tags.length > 0);
    expect(told.map(({ n }) => n)).toEqual(odd);
    expect(told.map(({ tags }) => tags[0])).toEqual([
      'poison',
      'id-conflict',
      'duplicate',
      'wrong-shape:number',
      'duplicate',
    ]);
    expect(told.map(({ of }) => of)).toEqual([null, 0, 0, null, expect.any(Number)]);
    expect(told[3]?.id).toBe(null);
    const [first] = await all(simulator, { limit: 1 });
    expect([told[1]?.id, told[2]?.sha256]).toEqual([first?.id, first?.sha256]);
    expect(told[1]?.sha256).not.toBe(first?.sha256);
    expect(await control.summary()).toMatchObject({ unique: 11, conflicts: 1, duplicates: 2, withoutId: 1 });
  });

  it('refuses an odd event that refers to none', async () => {
    const { simulator } = await still({ backlog: 0 });
    await using _ = simulator;
    const control = new SimulatorControl(simulator.url);
    await expect(control.addOdd('id-conflict')).rejects.toThrow(/409/);
    await expect(control.addOdd({ kind: 'duplicate', of: 5 })).rejects.toThrow(/409/);
    await expect(control.addOdd('earthquake' as never)).rejects.toThrow(/400/);
  });
});

describe('a second start in the same directory', () => {
  it('continues seed, clock, stream, ledger, cursors and tokens', async () => {
    const dataDir = temporary();
    const clock = new HandClock();
    const start = (seed: string) => startSimulator({ dataDir, seed, backlog: 40 }, clock.now);
    const one = await start('first');
    const control = new SimulatorControl(one.url);
    await control.changeStream({ rate: 2, odd: ['poison'] });
    await control.changeClock({ shiftSeconds: 3600, speed: 10 });
    const poller = await Poller.connect(one.url);
    const first = await poller.page(null, 25);
    const before = await all(one, { source: true });
    await one.close();
    clock.pass(1);

    const two = await start('second');
    await using _ = two;
    expect(two.control.state()).toMatchObject({ seed: 'first', continued: true, rate: 2 });
    expect(two.clock.now() - clock.ms).toBe(3_600_000 + 9_000);
    const after = await all(two, { source: true });
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.length).toBe(before.length + 20);
    const moved = new Poller(two.url, poller.token);
    const rest = await moved.page(first.nextCursor);
    expect(new Set([...first.events, ...rest.events].map(({ id }) => id)).size).toBe(
      41 + 20 - after.slice(-20).filter(({ filtered }) => filtered).length,
    );
    expect(await new SimulatorControl(two.url).summary()).toMatchObject({
      unserved: 0,
      served: first.events.length + rest.events.length,
    });
  });

  it('takes rate and bound from the new settings where they are given', async () => {
    const dataDir = temporary();
    const clock = new HandClock();
    await (await startSimulator({ dataDir, rate: 1, backlog: 10 }, clock.now)).close();
    const simulator = await startSimulator({ dataDir, rate: 50, events: 30 }, clock.now);
    await using _ = simulator;
    clock.pass(60);
    expect(simulator.control.state()).toMatchObject({ rate: 50, complete: true });
    expect(simulator.control.summary()).toMatchObject({ dueVisible: 30 });
  });

  it('cuts off a torn last line', async () => {
    const dataDir = temporary();
    const one = await still({ dataDir, backlog: 30 });
    await one.poller.page(null, 20);
    await one.simulator.close();
    const path = join(dataDir, 'ledger.ndjson');
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, '{"at":17,"n":[[2');

    const two = await still({ dataDir });
    await using _ = two.simulator;
    expect(readFileSync(path, 'utf8')).toBe(whole);
    expect(two.simulator.control.summary()).toMatchObject({ servedEvents: 20, unserved: 10 });
    await two.poller.drain();
    expect(two.simulator.control.summary()).toMatchObject({ unserved: 0, served: 50 });
  });

  it('refuses a ledger that is spoilt elsewhere', async () => {
    const dataDir = temporary();
    await (await still({ dataDir })).simulator.close();
    appendFileSync(join(dataDir, 'ledger.ndjson'), 'spoilt\n');
    await expect(still({ dataDir })).rejects.toThrow(/line 1 is no ledger line/);
  });
});

describe('a page that the client did not get whole', () => {
  it('is taken back from the ledger, on disk too', async () => {
    const dataDir = temporary();
    const { simulator, poller } = await still({ dataDir, backlog: 30 });
    const control = new SimulatorControl(simulator.url);
    // More than the buffers between the two hold, so that the reply cannot leave at once.
    await control.addFaults({ kind: 'huge-page', bytes: 30_000_000, times: 1 });
    const response = await poller.request({ eventTypes: ['auditlogs'] });
    await response.body?.cancel();
    await expect
      .poll(() => control.requests())
      .toContainEqual(expect.objectContaining({ outcome: 'broken' }));
    expect(await control.summary()).toMatchObject({ served: 0, unserved: 30 });
    await poller.page(null, 10);
    await simulator.close();

    const again = await still({ dataDir });
    await using _ = again.simulator;
    expect(again.simulator.control.summary()).toMatchObject({ served: 10, servedEvents: 10, unserved: 20 });
  });
});

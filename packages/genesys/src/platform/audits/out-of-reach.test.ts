import { describe, expect, it } from 'vitest';
import { type AuditSource, CursorOutOfReach } from '../../audit-source.ts';
import { dayMs, KeptStream, minuteMs, SimulatedAudits } from './simulated-audits.fixture.ts';

const start = Date.parse('2026-11-22T10:00:00Z');
const hourMs = 60 * minuteMs;
const standstillDays = 500;

describe.each<{ name: string; service: string; sourceOf: (genesys: SimulatedAudits) => AuditSource }>([
  { name: 'the tail', service: 'A', sourceOf: (genesys) => genesys.realtime() },
  {
    name: 'the stream of services that realtime queries do not cover',
    service: 'C',
    sourceOf: (genesys) =>
      genesys.history({ kind: 'uncovered-services', everyMs: hourMs, firstStartMs: dayMs }),
  },
])('after a standstill of more than a year, $name', ({ service, sourceOf }) => {
  /** A stream that stands where it was left, at a time that Genesys no longer reaches back to. */
  async function leftStanding(): Promise<{ genesys: SimulatedAudits; stream: KeptStream }> {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    await stream.toHead(sourceOf(genesys), genesys);
    genesys.now = start + standstillDays * dayMs;
    genesys.events = Array.from({ length: standstillDays - 1 }, (_, nth) => {
      const date = start + nth * dayMs + hourMs;
      return { id: `e${nth}`, service, date, appearsAt: date };
    });
    return { genesys, stream };
  }

  async function beginsAnew(stream: KeptStream, source: AuditSource): Promise<number> {
    const error = await stream.ask(source).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CursorOutOfReach);
    const { begin, code } = error as CursorOutOfReach;
    expect(code).toBe('GENESYS_CURSOR_EXPIRED');
    stream.cursor = begin.cursor;
    return begin.at;
  }

  it('goes on with the oldest events that are kept', async () => {
    const { genesys, stream } = await leftStanding();
    const source = sourceOf(genesys);
    const at = await beginsAnew(stream, source);
    expect(at - (genesys.now - 365 * dayMs)).toBe(hourMs);
    await stream.toHead(source, genesys);
    const kept = genesys.events.filter(({ date }) => date >= at).map(({ id }) => id);
    expect(kept.length).toBeGreaterThan(360);
    expect(new Set(stream.ids())).toEqual(new Set(kept));
  });

  it('loses nothing more where the history lets it wait for most of a day', async () => {
    const { genesys, stream } = await leftStanding();
    const source = sourceOf(genesys);
    const at = await beginsAnew(stream, source);
    genesys.busy = true;
    for (let hour = 0; hour < 20; hour++) {
      stream.accept(await stream.ask(source));
      genesys.now += hourMs;
    }
    genesys.busy = false;
    await stream.toHead(sourceOf(genesys), genesys);
    const accepted = new Set(stream.ids());
    expect(genesys.events.filter(({ id, date }) => date >= at && !accepted.has(id))).toEqual([]);
  });
});

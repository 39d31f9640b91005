/**
 * Drives fetchers, indexers, faults and operators at random against the real scripts on a real Redis, and holds the
 * invariants of the audit protocol:
 *
 * - the watermark never passes an event that is neither in the sink nor a dead letter nor named by a gap record (I1);
 * - it never goes back without a fault that takes Redis back (I3);
 * - once faults end, everything reaches the sink or the dead letters (I2) and the watermark reaches the end (I4).
 *
 * The queue and the payloads stand in Redis beside the stream's keys, so that a failover takes all of them back together.
 */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { batchJobId } from './job-id.ts';
import type { StreamSnapshot } from './snapshot.ts';
import { StreamState } from './stream-state.ts';

const LIMIT = 2;
const POISON = 1;

type Job = { seq: number; from: number; to: number; state: 'waiting' | 'active' | 'failed' };
type Page = {
  token: string;
  seq: number;
  before: string | null;
  after: string | null;
  from: number;
  to: number;
};
type Fetcher =
  | { at: 'idle' }
  | { at: 'holding'; token: string }
  | { at: 'init'; token: string; checkpoint: string | null }
  /** `ahead`: the page behind it, polled before this one is accepted. */
  | { at: 'payload' | 'queue' | 'accept'; page: Page; ahead: Page | null }
  | { at: 'rewind'; token: string; seq: number; jobId: string };
type Indexer = {
  jobId: string;
  job: Job;
  next: 'bulk' | 'dead-letter' | 'settle' | 'payload' | 'finish';
  lost: boolean;
} | null;
const faultKinds = [
  'crash',
  'reject',
  'lease',
  'twice',
  'fail',
  'remove',
  'payload',
  'flush',
  'window',
  'failover',
] as const;
type FaultKind = (typeof faultKinds)[number];
type Action = { name: string; fault: FaultKind | null; run: () => Promise<void> };

const cursor = (index: number): string => `c${index}`;
const indexOf = (text: string | null): number => (text === null ? -1 : Number(text.slice(1)));

function receivedOf(state: NonNullable<StreamSnapshot['state']>) {
  return { cursor: state.received.cursor, seq: state.received.seq, page: state.receivedPage };
}

class World {
  readonly redis: Redis;
  readonly prefix = `{test-${randomBytes(6).toString('hex')}}`;
  readonly stream: StreamState;
  available = 2;
  windowStart = 0;
  readonly total: number;
  readonly sink = new Set<number>();
  readonly deadLetters = new Set<number>();
  readonly gaps = new Set<number>();
  checkpoint: string | null = null;
  readonly fetchers: Record<string, Fetcher> = { A: { at: 'idle' }, B: { at: 'idle' } };
  readonly indexers: Indexer[] = [null, null];
  replica: { key: string; dump: Buffer }[] | null = null;
  #tokens = 0;
  #highest = 0;

  constructor(redis: Redis, total: number) {
    this.redis = redis;
    this.total = total;
    this.stream = new StreamState(redis, this.prefix, 's');
  }

  get #jobsKey(): string {
    return `${this.prefix}:jobs`;
  }
  get #payloadsKey(): string {
    return `${this.prefix}:payloads`;
  }
  #token(): string {
    return `e${++this.#tokens}`;
  }
  async jobs(): Promise<Map<string, Job>> {
    const entries = Object.entries(await this.redis.hgetall(this.#jobsKey));
    return new Map(entries.map(([id, text]) => [id, JSON.parse(text) as Job]));
  }
  async #setJob(id: string, job: Job): Promise<void> {
    await this.redis.hset(this.#jobsKey, id, JSON.stringify(job));
  }
  async keys(): Promise<string[]> {
    return this.redis.keys(`${this.prefix.replace(/[{}]/g, '?')}*`);
  }

  /** Everything that can happen next. */
  async actions(): Promise<Action[]> {
    const snapshot = await this.stream.read();
    const jobs = await this.jobs();
    const actions: Action[] = [];
    const add = (name: string, run: () => Promise<void>): void => {
      actions.push({ name, run, fault: null });
    };
    if (snapshot.leaseHolder !== null && this.fetchers[snapshot.leaseHolder]?.at === 'idle') {
      add(
        'the lease of a holder that is gone runs out',
        async () => void (await this.redis.del(this.stream.keys.lease)),
      );
    }
    for (const name of Object.keys(this.fetchers)) await this.#fetcherActions(name, snapshot, jobs, add);
    for (const [index, indexer] of this.indexers.entries())
      await this.#indexerActions(index, indexer, jobs, add);
    for (const [id, job] of jobs) {
      if (job.state === 'failed')
        add('a person retries', () => this.#setJob(id, { ...job, state: 'waiting' }));
    }
    if (this.available < this.total) add('source grows', async () => void this.available++);
    if (snapshot.state !== null && snapshot.state.indexed.cursor !== this.checkpoint) {
      add('checkpoint mirrored', async () => {
        this.checkpoint = (await this.stream.read()).state?.indexed.cursor ?? null;
      });
    }
    this.#faultActions(snapshot, jobs, (fault, name, run) => void actions.push({ name, run, fault }));
    return actions;
  }

  async #fetcherActions(
    name: string,
    snapshot: StreamSnapshot,
    jobs: Map<string, Job>,
    add: (name: string, run: () => Promise<void>) => void,
  ): Promise<void> {
    const fetcher = this.fetchers[name] ?? { at: 'idle' };
    const become = (next: Fetcher): void => {
      this.fetchers[name] = next;
    };
    const idle: Fetcher = { at: 'idle' };
    switch (fetcher.at) {
      case 'idle':
        if (snapshot.leaseHolder === null) {
          add(`${name} takes the lease`, async () => {
            const token = this.#token();
            if (await this.stream.take(name, 60_000, token)) become({ at: 'holding', token });
          });
        }
        return;
      case 'holding': {
        const { token } = fetcher;
        if (snapshot.leaseHolder !== name || snapshot.epoch !== token) {
          add(`${name} notices the lost lease`, async () => become(idle));
          return;
        }
        if (snapshot.state === null) {
          add(`${name} reads the checkpoint`, async () =>
            become({ at: 'init', token, checkpoint: this.checkpoint }),
          );
          return;
        }
        for (const batch of await this.stream.inFlight()) {
          const missing =
            !jobs.has(batch.jobId) || (await this.redis.sismember(this.#payloadsKey, batch.jobId)) === 0;
          if (!batch.done && missing) {
            add(`${name} finds ${batch.jobId} missing`, async () =>
              become({ at: 'rewind', token, seq: batch.seq, jobId: batch.jobId }),
            );
          }
        }
        if (snapshot.inFlightCount < 3) {
          for (const page of this.#pages(receivedOf(snapshot.state), token, false)) {
            add(`${name} polls ${page.before}: ${page.from}..${page.to} -> ${page.after}`, async () =>
              this.#poll(name, page),
            );
          }
        }
        return;
      }
      case 'init':
        add(`${name} inits`, async () => {
          const result = await this.stream.init(fetcher.token, name, fetcher.checkpoint);
          become(result === 'ok' ? { at: 'holding', token: fetcher.token } : idle);
        });
        return;
      case 'payload':
        add(`${name} writes the payload`, async () => {
          await this.redis.sadd(this.#payloadsKey, this.#jobId(fetcher.page));
          become({ ...fetcher, at: 'queue' });
        });
        this.#addAhead(name, fetcher, add);
        return;
      case 'queue':
        add(`${name} queues the job`, async () => {
          const { seq, from, to } = fetcher.page;
          await this.redis.hsetnx(
            this.#jobsKey,
            this.#jobId(fetcher.page),
            JSON.stringify({ seq, from, to, state: 'waiting' }),
          );
          become({ ...fetcher, at: 'accept' });
        });
        this.#addAhead(name, fetcher, add);
        return;
      case 'accept':
        add(`${name} accepts`, () => this.#accept(name, fetcher));
        this.#addAhead(name, fetcher, add);
        return;
      case 'rewind':
        add(`${name} rewinds`, async () => {
          const token = this.#token();
          const result = await this.stream.rewind(fetcher.token, fetcher.seq, fetcher.jobId, token);
          if (result === 'fenced') become(idle);
          else become({ at: 'holding', token: result === 'rewound' ? token : fetcher.token });
        });
        return;
      default:
        fetcher satisfies never;
    }
  }

  /** Polls the page behind the one in hand, as if that were accepted already; a cursor that is refused is asked again later. */
  #addAhead(
    name: string,
    fetcher: Extract<Fetcher, { page: Page }>,
    add: (name: string, run: () => Promise<void>) => void,
  ): void {
    const { page } = fetcher;
    if (fetcher.ahead !== null || page.after === null || page.after === page.before) return;
    const received = { cursor: page.after, seq: page.seq, page: `${page.from}-${page.to}` };
    for (const ahead of this.#pages(received, page.token, false)) {
      if (ahead.expired || ahead.from >= ahead.to) continue;
      add(`${name} polls ahead ${ahead.before}: ${ahead.from}..${ahead.to} -> ${ahead.after}`, async () => {
        this.fetchers[name] = { ...fetcher, ahead };
      });
    }
  }

  /** The pages that Genesys may answer with now: null or a cursor where the source is drained. */
  *#pages(
    received: { cursor: string | null; seq: number; page: string },
    token: string,
    forcedExpiry: boolean,
  ): Generator<Page & { expired: boolean }> {
    const before = received.cursor;
    const at = indexOf(before);
    const expired = forcedExpiry || (at >= 0 && at < this.windowStart);
    const from = expired || at < 0 ? this.windowStart : at;
    const to = Math.min(from + LIMIT, this.available);
    const unrecorded = Array.from({ length: this.windowStart }, (_, event) => event).some(
      (event) => !this.#isKept(event),
    );
    if (from >= to && !((expired || at < 0) && unrecorded)) return;
    const kept = expired ? null : before;
    for (const next of to < this.available ? [cursor(to)] : [cursor(to), null]) {
      const after = next ?? kept;
      if (received.page === `${from}-${to}` && after === before) continue; // rule 10
      yield { token, seq: received.seq + 1, before, after, from, to, expired };
    }
  }

  #poll(name: string, page: Page & { expired: boolean }): void {
    if (page.expired || page.before === null) {
      for (let event = Math.max(indexOf(page.before), 0); event < this.windowStart; event++)
        this.gaps.add(event);
    }
    // Drained: nothing to accept; an expired cursor stays, and is met again until an event comes.
    if (page.from >= page.to) return;
    this.fetchers[name] = { at: 'payload', page, ahead: null };
  }

  /** What was polled ahead is taken up at once, without reading the stream again, where the accept succeeds; else dropped. */
  async #accept(name: string, { page, ahead }: Extract<Fetcher, { page: Page }>): Promise<void> {
    const result = await this.stream.accept({
      ...page,
      jobId: this.#jobId(page),
      page: `${page.from}-${page.to}`,
      empty: false,
      at: 1,
    });
    if (result === 'accepted' && ahead !== null) {
      this.fetchers[name] = { at: 'payload', page: ahead, ahead: null };
      return;
    }
    this.fetchers[name] = result === 'fenced' ? { at: 'idle' } : { at: 'holding', token: page.token };
  }

  #jobId(page: Page): string {
    return batchJobId('s', page.token, page.seq, `${page.from}-${page.to}`);
  }

  async #indexerActions(
    index: number,
    indexer: Indexer,
    jobs: Map<string, Job>,
    add: (name: string, run: () => Promise<void>) => void,
  ): Promise<void> {
    const become = (next: Indexer): void => {
      this.indexers[index] = next;
    };
    if (indexer === null) {
      for (const [jobId, job] of jobs) {
        if (job.state !== 'waiting') continue;
        add(`indexer ${index} takes ${jobId}`, async () => {
          const active: Job = { ...job, state: 'active' };
          await this.#setJob(jobId, active);
          const there = (await this.redis.sismember(this.#payloadsKey, jobId)) === 1;
          become({ jobId, job: active, next: there ? 'bulk' : 'finish', lost: false });
        });
      }
      return;
    }
    const { jobId, job } = indexer;
    const events = Array.from({ length: job.to - job.from }, (_, offset) => job.from + offset);
    switch (indexer.next) {
      case 'bulk':
        add(`indexer ${index} bulks ${jobId}`, async () => {
          for (const event of events) if (event !== POISON) this.sink.add(event);
          become({ ...indexer, next: events.includes(POISON) ? 'dead-letter' : 'settle' });
        });
        return;
      case 'dead-letter':
        add(`indexer ${index} dead-letters`, async () => {
          this.deadLetters.add(POISON);
          become({ ...indexer, next: 'settle' });
        });
        return;
      case 'settle':
        add(`indexer ${index} settles ${jobId}`, async () => {
          await this.stream.settle(job.seq, jobId);
          become({ ...indexer, next: 'payload' });
        });
        return;
      case 'payload':
        add(`indexer ${index} deletes the payload`, async () => {
          await this.redis.srem(this.#payloadsKey, jobId);
          become({ ...indexer, next: 'finish' });
        });
        return;
      case 'finish':
        add(`indexer ${index} finishes ${jobId}`, async () => {
          if (!indexer.lost) await this.redis.hdel(this.#jobsKey, jobId);
          become(null);
        });
        return;
      default:
        indexer.next satisfies never;
    }
  }

  #faultActions(
    snapshot: StreamSnapshot,
    jobs: Map<string, Job>,
    add: (fault: FaultKind, name: string, run: () => Promise<void>) => void,
  ): void {
    for (const name of Object.keys(this.fetchers)) {
      const fetcher = this.fetchers[name];
      if (fetcher?.at !== 'idle') {
        add('crash', `${name} crashes`, async () => {
          this.fetchers[name] = { at: 'idle' };
        });
      }
      if (fetcher?.at === 'holding' && fetcher.token === snapshot.epoch && snapshot.state !== null) {
        for (const page of this.#pages(receivedOf(snapshot.state), fetcher.token, true)) {
          add('reject', `${name}'s cursor is rejected`, async () => this.#poll(name, page));
          break;
        }
      }
    }
    if (snapshot.leaseHolder !== null) {
      add('lease', 'the lease runs out', async () => void (await this.redis.del(this.stream.keys.lease)));
    }
    for (const [index, indexer] of this.indexers.entries()) {
      if (indexer === null) continue;
      const { jobId, job } = indexer;
      add('crash', `indexer ${index} crashes`, async () => {
        if (!indexer.lost) await this.#setJob(jobId, { ...job, state: 'waiting' });
        this.indexers[index] = null;
      });
      if (!indexer.lost) {
        add('twice', `${jobId} is delivered twice`, async () => {
          await this.#setJob(jobId, { ...job, state: 'waiting' });
          this.indexers[index] = { ...indexer, lost: true };
        });
        add('fail', `${jobId} fails`, async () => {
          await this.#setJob(jobId, { ...job, state: 'failed' });
          this.indexers[index] = null;
        });
      }
    }
    for (const jobId of jobs.keys()) {
      add('remove', `${jobId} is removed`, async () => {
        await this.redis.hdel(this.#jobsKey, jobId);
        this.#loseHolders((indexer) => indexer.jobId === jobId);
      });
      add(
        'payload',
        `the payload of ${jobId} vanishes`,
        async () => void (await this.redis.srem(this.#payloadsKey, jobId)),
      );
    }
    add('flush', 'Redis is flushed', async () => {
      const keys = await this.keys();
      if (keys.length > 0) await this.redis.del(...keys);
      this.replica = null;
      this.#highest = 0;
      this.#loseHolders(() => true);
    });
    add('window', 'the window moves', async () => {
      this.windowStart = Math.min(this.windowStart + 1, this.available);
    });
    if (this.replica === null) add('failover', 'the replica falls behind', () => this.#copyToReplica());
    else add('failover', 'Redis fails over', () => this.#failOver());
  }

  #loseHolders(which: (indexer: NonNullable<Indexer>) => boolean): void {
    for (const [index, indexer] of this.indexers.entries()) {
      if (indexer !== null && which(indexer)) this.indexers[index] = { ...indexer, lost: true };
    }
  }

  async #copyToReplica(): Promise<void> {
    this.replica = [];
    for (const key of await this.keys()) {
      const dump = await this.redis.dumpBuffer(key);
      if (dump !== null) this.replica.push({ key, dump });
    }
  }

  async #failOver(): Promise<void> {
    const keys = await this.keys();
    if (keys.length > 0) await this.redis.del(...keys);
    for (const { key, dump } of this.replica ?? []) await this.redis.restore(key, 0, dump);
    this.replica = null;
    this.#highest = 0;
    const jobs = await this.jobs();
    const held = new Set<string>();
    for (const [index, indexer] of this.indexers.entries()) {
      if (indexer === null) continue;
      if (!indexer.lost && jobs.get(indexer.jobId)?.state === 'active' && !held.has(indexer.jobId))
        held.add(indexer.jobId);
      else this.indexers[index] = { ...indexer, lost: true };
    }
    for (const [id, job] of jobs)
      if (job.state === 'active' && !held.has(id)) await this.#setJob(id, { ...job, state: 'waiting' });
  }

  #isKept(event: number): boolean {
    return this.sink.has(event) || this.deadLetters.has(event) || this.gaps.has(event);
  }

  async holdsInvariants(): Promise<void> {
    const { state } = await this.stream.read();
    if (state === null) return;
    for (let event = 0; event < indexOf(state.indexed.cursor); event++) {
      expect(this.#isKept(event), `I1: the watermark passed event ${event}`).toBe(true);
    }
    expect(state.indexed.seq, 'I3: the watermark went back').toBeGreaterThanOrEqual(this.#highest);
    expect(state.indexed.seq, 'the watermark passed what is received').toBeLessThanOrEqual(
      state.received.seq,
    );
    for (const batch of await this.stream.inFlight()) expect(batch.seq).toBeGreaterThan(state.indexed.seq);
    this.#highest = state.indexed.seq;
  }

  async atRest(): Promise<void> {
    const { state, inFlightCount } = await this.stream.read();
    for (let event = 0; event < this.available; event++) {
      expect(this.#isKept(event), `I2: event ${event} is missing`).toBe(true);
    }
    expect(state, 'I4: the stream has state').not.toBeNull();
    expect(state?.indexed.seq, 'I4: the watermark reaches the end').toBe(state?.received.seq);
    expect(inFlightCount).toBe(0);
  }
}

describe('the audit protocol under random faults', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(inject('redisUrl'));
  });
  afterAll(() => redis.quit());

  it('loses nothing, passes nothing, and always reaches the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 3, max: 7 }),
        // One or two kinds of fault a run: a deep run of one kind finds what a shallow run of all of them misses.
        fc.subarray([...faultKinds], { minLength: 1, maxLength: 2 }),
        fc.array(fc.record({ pick: fc.nat(1_000), faulty: fc.integer({ min: 0, max: 9 }) }), {
          minLength: 10,
          maxLength: 70,
        }),
        async (total, kinds, choices) => {
          const world = new World(redis, total);
          const trace: string[] = [];
          const take = async (actions: Action[], pick: number): Promise<void> => {
            const action = actions[pick % actions.length];
            if (action === undefined) return;
            trace.push(action.name);
            await action.run();
            await world.holdsInvariants();
          };
          try {
            for (const { pick, faulty } of choices) {
              const actions = (await world.actions()).filter(
                ({ fault }) => fault === null || kinds.includes(fault),
              );
              const wanted = actions.filter(({ fault }) => (fault !== null) === faulty < 2);
              await take(wanted.length > 0 ? wanted : actions, pick);
            }
            trace.push('-- no more faults');
            for (let step = 0; ; step++) {
              const actions = (await world.actions()).filter(
                (action) => action.fault === null && action.name !== 'checkpoint mirrored',
              );
              if (actions.length === 0) break;
              if (step > 600) throw new Error('I4: no rest is reached');
              await take(actions, step * 7919);
            }
            await world.atRest();
          } catch (error) {
            throw new Error(
              `${error instanceof Error ? error.message : error}\n${trace.map((line, n) => `${n + 1}. ${line}`).join('\n')}`,
            );
          } finally {
            const keys = await world.keys();
            if (keys.length > 0) await redis.del(...keys);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

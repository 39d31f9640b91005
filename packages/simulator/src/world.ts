import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedArchive } from './archive/archive-settings.ts';
import { ordinalAfter } from './audit/login.ts';
import { type Seed, seedFrom } from './audit/random.ts';
import { type SavedSchedule, Schedule } from './audit/schedule.ts';
import { type ClockAnchor, SimulatorClock } from './clock.ts';
import type { SimulatorOptions, Tail } from './options.ts';
import type { SavedQuery } from './platform/audits/history-queries.ts';

/** Raise it whenever the same seed begins to give other events: an old ledger would then tell of events that never were. */
const GENERATOR = 1;

interface SavedWorld {
  generator: number;
  seed: string;
  /** Simulated time at the first start, epoch ms. */
  originMs: number;
  clock: ClockAnchor;
  schedule: SavedSchedule;
  tail: Tail;
  tokenGeneration: number;
  cursorGeneration: number;
  missingPermissions: string[];
  /** Absent where a simulator without archives began it. */
  archive?: SavedArchive;
  /** History queries that were asked for. Absent where a simulator without the platform contract began it. */
  auditQueries?: SavedQuery[];
}

/**
 * All that makes one simulated Genesys Cloud: a small file, replaced as a whole at each change.
 *
 * With the ledger it is everything: a second start in the same directory goes on where the first one stopped, after
 * kill -9 too. One process a directory.
 */
export class World {
  readonly seedText: string;
  readonly seed: Seed;
  readonly originMs: number;
  readonly clock: SimulatorClock;
  readonly schedule: Schedule;
  /** True where an earlier start is continued. */
  readonly continued: boolean;
  tail: Tail;
  tokenGeneration: number;
  cursorGeneration: number;
  missingPermissions: string[];
  archive: SavedArchive;
  auditQueries: SavedQuery[];
  readonly #path: string | null;

  /**
   * Opens or begins the world that the options describe. In an existing one, options that were given change it;
   * seed, backlog and clock origin stay as they are.
   * @throws Error where the directory holds what this version cannot continue
   */
  constructor(options: SimulatorOptions, hostNow: () => number) {
    if (options.dataDir !== null) mkdirSync(options.dataDir, { recursive: true });
    this.#path = options.dataDir === null ? null : join(options.dataDir, 'simulator.json');
    const saved = this.#path === null ? null : load(this.#path);
    this.continued = saved !== null;
    const world = saved ?? begin(options, hostNow());
    this.seedText = world.seed;
    this.seed = seedFrom(world.seed);
    this.originMs = world.originMs;
    this.clock = new SimulatorClock(world.clock, hostNow);
    this.schedule = new Schedule(world.schedule);
    this.tail = options.tail ?? world.tail;
    this.tokenGeneration = world.tokenGeneration;
    this.cursorGeneration = world.cursorGeneration;
    this.missingPermissions = world.missingPermissions;
    this.archive = archiveOf(options, world.archive);
    this.auditQueries = world.auditQueries ?? [];
    if (this.continued) this.#apply(options);
    this.save();
  }

  /** Writes the world to its file; to be called after every change. */
  save(): void {
    if (this.#path === null) return;
    const saved: SavedWorld = {
      generator: GENERATOR,
      seed: this.seedText,
      originMs: this.originMs,
      clock: this.clock.anchor,
      schedule: this.schedule.saved(),
      tail: this.tail,
      tokenGeneration: this.tokenGeneration,
      cursorGeneration: this.cursorGeneration,
      missingPermissions: this.missingPermissions,
      archive: this.archive,
      auditQueries: this.auditQueries,
    };
    const draft = `${this.#path}.new`;
    writeFileSync(draft, `${JSON.stringify(saved)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, this.#path);
  }

  #apply({ rate, events, clockSpeed }: SimulatorOptions): void {
    if (clockSpeed !== undefined) this.clock.setSpeed(clockSpeed);
    const now = this.clock.now();
    if (rate !== undefined && rate !== this.schedule.rate) this.schedule.setRate(rate, now);
    if (events === undefined) return;
    const bound = events === null ? null : ordinalAfter(this.seed, events);
    if (bound !== this.schedule.boundOrdinal) this.schedule.setBound(bound, now);
  }
}

function begin(options: SimulatorOptions, hostMs: number): SavedWorld {
  const seed = seedFrom(options.seed);
  const originMs = options.clockOrigin === null ? hostMs : Date.parse(options.clockOrigin);
  const events = options.events ?? null;
  const backlog = events === null ? options.backlog : Math.min(options.backlog, events);
  const schedule = Schedule.begin({
    backlog: ordinalAfter(seed, backlog),
    backlogMs: options.backlogHours * 3_600_000,
    nowMs: originMs,
    rate: options.rate ?? 20,
    boundOrdinal: events === null ? null : ordinalAfter(seed, events),
  });
  return {
    generator: GENERATOR,
    seed: options.seed,
    originMs,
    clock: { hostMs, simulatedMs: originMs, speed: options.clockSpeed ?? 1 },
    schedule: schedule.saved(),
    tail: 'cursor',
    tokenGeneration: 0,
    cursorGeneration: 0,
    missingPermissions: [],
  };
}

/** The archives' settings: what was given now, else what was, else the default. */
function archiveOf(options: SimulatorOptions, saved: SavedArchive | undefined): SavedArchive {
  const { archiveConversations: conversations, archiveBytes: bytes } = options;
  return {
    pages: options.archivePages ?? saved?.pages ?? 1,
    digest: options.archiveDigest ?? saved?.digest ?? 'both',
    layout: options.archiveLayout ?? saved?.layout ?? 'compact',
    people: saved?.people ?? options.archivePeople,
    volume: {
      conversations: conversations === undefined ? (saved?.volume.conversations ?? null) : conversations,
      bytes: bytes === undefined ? (saved?.volume.bytes ?? null) : bytes,
    },
    days: saved?.days ?? {},
    dailyOdd: options.archiveOdd ?? saved?.dailyOdd ?? [],
    placedOdd: saved?.placedOdd ?? [],
    rewrites: saved?.rewrites ?? [],
    lakeLagMinutes: options.archiveLakeLagMinutes ?? saved?.lakeLagMinutes ?? 360,
    largestPage: saved?.largestPage ?? null,
  };
}

function load(path: string): SavedWorld | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const saved = JSON.parse(text) as SavedWorld;
  if (saved.generator !== GENERATOR) {
    throw new Error(
      `${path} was written by another version of the simulator. Remove its directory to start anew.`,
    );
  }
  return saved;
}

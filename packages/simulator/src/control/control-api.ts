import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { ArchiveControl } from '../archive/archive-control.ts';
import { ordinalAfter, visibleBefore } from '../audit/login.ts';
import { type AuditStream, NoEarlierEvent } from '../audit/stream.ts';
import type { EventBridge } from '../event-bridge/event-bridge.ts';
import type { FaultInput } from '../faults/fault.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { EventStreamEndpoint } from '../guide/event-stream-endpoint.ts';
import { jsonOf, type ReceivedRequest } from '../http/received-request.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { sendNdjson } from '../http/send-ndjson.ts';
import type { Ledger, LedgerEvent } from '../ledger/ledger.ts';
import type { AuditRows } from '../platform/audits/audit-rows.ts';
import { type AuditSettings, auditChangeSchema } from '../platform/audits/audit-settings.ts';
import { AUDIT_SHAPES, type AuditShape } from '../platform/audits/audit-shape.ts';
import type { PresignedLinks } from '../platform/presigned-links.ts';
import type { RateLimit } from '../platform/rate-limit.ts';
import type { Traffic } from '../platform/traffic.ts';
import type { RequestLog } from '../request-log.ts';
import type { World } from '../world.ts';
import {
  clockChangeSchema,
  permissionSchema,
  rateLimitChangeSchema,
  type SimulatorState,
  type SimulatorSummary,
  type StreamChanged,
  streamChangeSchema,
} from './control-types.ts';

export const CONTROL_PATH = '/_simulator/';

/** Ledger events that are written before other requests get a turn. */
const EVENTS_A_TURN = 200;

const faultsSchema = z.union([
  z.array(z.looseObject({ kind: z.string() })),
  z.looseObject({ kind: z.string() }),
]);
const ledgerQuerySchema = z.strictObject({
  after: z.coerce.number().int().min(-1).default(-1),
  limit: z.coerce.number().int().min(1).default(Number.MAX_SAFE_INTEGER),
  source: z.literal('1').optional(),
  shape: z.enum(AUDIT_SHAPES).default('guide'),
});

/** The control API: what a test or an operator tells and asks the simulator. It is no part of Genesys Cloud. */
export class ControlApi {
  readonly #world: World;
  readonly #stream: AuditStream;
  readonly #ledger: Ledger;
  readonly #faults: FaultPlan;
  readonly #requests: RequestLog;
  readonly #endpoint: EventStreamEndpoint;
  readonly #archive: ArchiveControl;
  readonly #eventBridge: EventBridge;
  readonly #traffic: Traffic;
  readonly #rateLimit: RateLimit;
  readonly #links: PresignedLinks;
  readonly #audits: AuditSettings;
  readonly #rows: AuditRows;
  readonly #hostNow: () => number;

  constructor(
    parts: {
      world: World;
      stream: AuditStream;
      ledger: Ledger;
      faults: FaultPlan;
      requests: RequestLog;
      endpoint: EventStreamEndpoint;
      archive: ArchiveControl;
      eventBridge: EventBridge;
      traffic: Traffic;
      rateLimit: RateLimit;
      links: PresignedLinks;
      audits: AuditSettings;
      rows: AuditRows;
    },
    hostNow: () => number,
  ) {
    this.#world = parts.world;
    this.#stream = parts.stream;
    this.#ledger = parts.ledger;
    this.#faults = parts.faults;
    this.#requests = parts.requests;
    this.#endpoint = parts.endpoint;
    this.#archive = parts.archive;
    this.#eventBridge = parts.eventBridge;
    this.#traffic = parts.traffic;
    this.#rateLimit = parts.rateLimit;
    this.#links = parts.links;
    this.#audits = parts.audits;
    this.#rows = parts.rows;
    this.#hostNow = hostNow;
  }

  /** Answers a request below `/_simulator/`; null where the answer is already on its way. */
  async answer(request: ReceivedRequest, response: ServerResponse): Promise<Reply | null> {
    try {
      return await this.#route(request, response);
    } catch (error) {
      if (error instanceof z.ZodError) return jsonReply(400, { message: z.prettifyError(error) });
      if (error instanceof SyntaxError) return jsonReply(400, { message: 'The body is not JSON.' });
      if (error instanceof NoEarlierEvent) return jsonReply(409, { message: error.message });
      throw error;
    }
  }

  async #route(request: ReceivedRequest, response: ServerResponse): Promise<Reply | null> {
    const name = `${request.method} ${request.path.slice(CONTROL_PATH.length)}`;
    const ofArchive = await this.#archive.answer(name, request, response);
    if (ofArchive !== undefined) return ofArchive;
    switch (name) {
      case 'GET state':
        return jsonReply(200, this.state());
      case 'GET ledger/summary':
        return jsonReply(200, this.summary());
      case 'GET ledger/events': {
        const query = ledgerQuerySchema.parse(Object.fromEntries(request.query));
        const events = this.#events(query.after + 1, query.limit, query.source !== undefined, query.shape);
        void sendNdjson(response, events, EVENTS_A_TURN);
        return null;
      }
      case 'GET requests':
        return jsonReply(200, this.#requests.since(Number(request.query.get('after') ?? 0)));
      case 'GET event-bridge/events':
        return jsonReply(200, this.#eventBridge.since(Number(request.query.get('after') ?? 0)));
      case 'GET event-bridge/summary':
        return jsonReply(200, this.#eventBridge.summary());
      case 'GET faults':
        return jsonReply(200, this.#faults.list());
      case 'POST faults': {
        const faults = faultsSchema.parse(jsonOf(request));
        const ids = (Array.isArray(faults) ? faults : [faults]).map((fault) =>
          this.#faults.add(fault as FaultInput),
        );
        return jsonReply(201, { ids });
      }
      case 'DELETE faults':
        return this.#dropFaults(request.query.get('id'));
      case 'POST clock':
        return jsonReply(200, this.changeClock(clockChangeSchema.parse(jsonOf(request))));
      case 'POST stream':
        return jsonReply(200, this.changeStream(streamChangeSchema.parse(jsonOf(request))));
      case 'POST permission':
        this.#world.missingPermissions = permissionSchema.parse(jsonOf(request)).missing;
        this.#world.save();
        return jsonReply(200, this.state());
      case 'GET audits':
        return jsonReply(200, this.#audits);
      case 'POST audits':
        Object.assign(this.#audits, auditChangeSchema.parse(jsonOf(request)));
        return jsonReply(200, this.#audits);
      case 'POST rate-limit': {
        const { allowed, ...change } = rateLimitChangeSchema.parse(jsonOf(request));
        Object.assign(this.#rateLimit.settings, change, allowed === undefined ? {} : { allowed });
        return jsonReply(200, this.#rateLimit.settings);
      }
      case 'POST links/expire':
        this.#links.expire();
        return jsonReply(200, this.state());
      case 'POST tokens/revoke':
        this.#endpoint.revokeTokens();
        return jsonReply(200, this.state());
      case 'POST cursors/expire':
        this.#endpoint.expireCursors();
        return jsonReply(200, this.state());
      default:
        return jsonReply(404, {
          message: `The simulator's control API has no ${request.method} ${request.path}.`,
        });
    }
  }

  state(): SimulatorState {
    const { clock, schedule } = this.#world;
    const now = clock.now();
    return {
      pid: process.pid,
      seed: this.#world.seedText,
      continued: this.#world.continued,
      clock: {
        now: new Date(now).toISOString(),
        origin: new Date(this.#world.originMs).toISOString(),
        speed: clock.speed,
        aheadSeconds: (now - this.#hostNow()) / 1000,
      },
      head: schedule.head(now),
      rate: schedule.rate,
      tail: this.#world.tail,
      complete: schedule.complete(now),
      drained: this.#endpoint.drained,
      missingPermissions: this.#world.missingPermissions,
      faults: this.#faults.list().length,
    };
  }

  summary(): SimulatorSummary {
    const now = this.#world.clock.now();
    const ledger = this.#ledger.summary(this.#world.schedule.head(now));
    return {
      ...ledger,
      ...this.#requests.counts(),
      unservedShown: ledger.unserved - this.#notShown(now),
      traffic: this.#traffic.byClient(),
    };
  }

  /** Unserved events that the usual filter lets through and the platform does not show yet. */
  #notShown(now: number): number {
    let count = 0;
    for (const n of this.#rows.notShown(now)) {
      if (!this.#stream.isHidden(n) && this.#ledger.timesServed(n) === 0) count += 1;
    }
    return count;
  }

  changeClock({ shiftSeconds, speed }: z.output<typeof clockChangeSchema>): SimulatorState {
    const { clock, schedule } = this.#world;
    if (speed !== undefined) clock.setSpeed(speed);
    if (shiftSeconds !== undefined) {
      const before = clock.now();
      clock.shift(shiftSeconds);
      schedule.clockJumped(before, before + shiftSeconds * 1000);
    }
    this.#world.save();
    return this.state();
  }

  changeStream(change: z.output<typeof streamChangeSchema>): StreamChanged {
    const { clock, schedule, seed } = this.#world;
    const now = clock.now();
    if (change.tail !== undefined) this.#world.tail = change.tail;
    const rate = change.stop ? 0 : change.rate;
    if (rate !== undefined) schedule.setRate(rate, now);
    const before = schedule.head(now);
    if (change.addEvents !== undefined) {
      const from = schedule.nextOrdinal(now);
      schedule.add(ordinalAfter(seed, visibleBefore(seed, from) + change.addEvents) - from, now);
    }
    if (change.writePages) this.#endpoint.writePages(before);
    try {
      const odd = (change.odd ?? []).map((event) => this.#stream.insert(event, now));
      return { head: schedule.head(now), odd };
    } finally {
      this.#world.save();
    }
  }

  #dropFaults(id: string | null): Reply {
    if (id === null) this.#faults.clear();
    else if (!this.#faults.remove(Number(id))) return jsonReply(404, { message: `There is no fault ${id}.` });
    return jsonReply(200, this.#faults.list());
  }

  *#events(from: number, limit: number, withSource: boolean, shape: AuditShape): Generator<LedgerEvent> {
    const head = this.#world.schedule.head(this.#world.clock.now());
    const end = Math.min(head, from + limit);
    for (let n = from; n < end; n++) yield this.#ledger.event(n, withSource, shape);
  }
}

import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import type { Outcome } from '../http/send.ts';
import { NdjsonFile } from '../ndjson-file.ts';
import { problemsOf } from './completion-event.ts';

const receivedEventSchema = z.strictObject({
  /** 1, 2, 3, ... in this data directory. */
  seq: z.int(),
  /** Epoch ms of the host's clock. */
  at: z.number(),
  /** Headers of Standard Webhooks; null = absent. */
  webhookId: z.string().nullable(),
  webhookTimestamp: z.string().nullable(),
  webhookSignature: z.string().nullable(),
  /** `unchecked`: no secret is set; `missing`: one of the headers is; `invalid`: not signed with the secret, or stale. */
  signature: z.enum(['valid', 'invalid', 'missing', 'unchecked']),
  /** What is wrong with method, media type and body; none where it is a completion event. */
  problems: z.array(z.string()),
  /** The body as it came, and parsed; null where it is not JSON. */
  text: z.string(),
  body: z.unknown(),
  /**
   * It is right and was taken, whatever became of the answer. False where it was refused, by itself or by a fault that
   * stands before the bridge.
   */
  accepted: z.boolean(),
  /** An event of the same `webhook-id` was accepted before. */
  repeat: z.boolean(),
  /** Status answered; `broken` = the sender did not get the answer; null = not yet, or this process ended before. */
  answered: z.union([z.number(), z.literal('broken')]).nullable(),
  faults: z.array(z.string()),
});

/** A delivery to the event bridge. */
export type ReceivedEvent = z.output<typeof receivedEventSchema>;

export interface EventBridgeSummary {
  received: number;
  accepted: number;
  /** Distinct `webhook-id`s accepted; those without one count each. */
  unique: number;
  repeats: number;
  /** Neither taken nor right: wrong body or signature. */
  wrong: number;
  byStatus: Record<string, number>;
}

const lineSchema = z.union([
  receivedEventSchema,
  z.strictObject({
    answerTo: z.int(),
    answered: z.union([z.number(), z.literal('broken')]),
    faults: z.array(z.string()),
  }),
]);

/** What an event that came is to be answered, before faults. */
export type Verdict = { kind: 'accepted' } | { kind: 'refused'; status: 400 | 401; message: string };

/** The receiver of completion events: checks each and keeps it, over a restart where a directory is given. */
export class EventBridge {
  readonly #webhook: Webhook | null;
  readonly #file: NdjsonFile<z.output<typeof lineSchema>> | null;
  readonly #hostNow: () => number;
  readonly #events: ReceivedEvent[] = [];
  readonly #ids = new Set<string>();

  /** @throws Error where the secret is not base64 (with or without `whsec_`) */
  constructor(secret: string | null, dataDir: string | null, hostNow: () => number) {
    this.#webhook = secret === null ? null : new Webhook(secret);
    this.#hostNow = hostNow;
    this.#file = dataDir === null ? null : new NdjsonFile(join(dataDir, 'event-bridge.ndjson'), lineSchema);
    for (const line of this.#file?.lines ?? []) {
      if ('answerTo' in line) Object.assign(this.#events[line.answerTo - 1] ?? {}, answerOf(line));
      else this.#keep(line);
    }
  }

  /** Judges what came. */
  judge(request: ReceivedRequest): {
    verdict: Verdict;
    event: Pick<ReceivedEvent, 'signature' | 'problems' | 'text' | 'body'>;
  } {
    const text = request.body?.toString() ?? '';
    const body = parsed(text);
    const signature = this.#signature(request, text);
    const problems = [
      ...(request.method === 'POST' ? [] : ['method: must be POST']),
      ...(mediaType(request) === 'application/json' ? [] : ['content-type: must be application/json']),
      ...(body === undefined ? ['body: is not JSON'] : problemsOf(body)),
    ];
    const event = { signature, problems, text, body: body ?? null };
    if (signature === 'invalid' || signature === 'missing') {
      return { event, verdict: { kind: 'refused', status: 401, message: `The signature is ${signature}.` } };
    }
    if (problems.length === 0) return { event, verdict: { kind: 'accepted' } };
    return { event, verdict: { kind: 'refused', status: 400, message: problems.join('; ') } };
  }

  /** Keeps what came, before it is answered. */
  record(
    request: ReceivedRequest,
    event: Pick<ReceivedEvent, 'signature' | 'problems' | 'text' | 'body'>,
    accepted: boolean,
  ): ReceivedEvent {
    const webhookId = header(request, 'webhook-id');
    const kept: ReceivedEvent = {
      seq: this.#events.length + 1,
      at: this.#hostNow(),
      webhookId,
      webhookTimestamp: header(request, 'webhook-timestamp'),
      webhookSignature: header(request, 'webhook-signature'),
      ...event,
      accepted,
      repeat: webhookId !== null && this.#ids.has(webhookId),
      answered: null,
      faults: [],
    };
    this.#file?.append(kept);
    this.#keep(kept);
    return kept;
  }

  /** It was answered, or the answer was lost. */
  answered(event: ReceivedEvent, outcome: Outcome, faults: string[]): void {
    Object.assign(event, { answered: outcome, faults });
    this.#file?.append({ answerTo: event.seq, answered: outcome, faults });
  }

  /** Everything that came, in order, with a seq above `after`. */
  since(after: number): ReceivedEvent[] {
    return this.#events.slice(after);
  }

  summary(): EventBridgeSummary {
    const accepted = this.#events.filter((event) => event.accepted);
    const repeats = accepted.filter(({ repeat }) => repeat).length;
    const byStatus: Record<string, number> = {};
    for (const { answered } of this.#events)
      byStatus[String(answered)] = (byStatus[String(answered)] ?? 0) + 1;
    return {
      received: this.#events.length,
      accepted: accepted.length,
      unique: accepted.length - repeats,
      repeats,
      wrong: this.#events.filter((event) => event.problems.length > 0 || isBad(event.signature)).length,
      byStatus,
    };
  }

  close(): void {
    this.#file?.close();
  }

  #keep(event: ReceivedEvent): void {
    this.#events.push(event);
    if (event.accepted && event.webhookId !== null) this.#ids.add(event.webhookId);
  }

  #signature(request: ReceivedRequest, text: string): ReceivedEvent['signature'] {
    if (this.#webhook === null) return 'unchecked';
    const headers: Record<string, string> = {};
    for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
      const value = header(request, name);
      if (value === null) return 'missing';
      headers[name] = value;
    }
    try {
      this.#webhook.verify(text, headers, { jsonParse: false });
      return 'valid';
    } catch {
      return 'invalid';
    }
  }
}

function answerOf({ answered, faults }: { answered: number | 'broken'; faults: string[] }) {
  return { answered, faults };
}

function isBad(signature: ReceivedEvent['signature']): boolean {
  return signature === 'invalid' || signature === 'missing';
}

function header(request: ReceivedRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

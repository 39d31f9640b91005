/** One delivery of a completion event: the only file that speaks to the webhook. */
import { type ArchiveNotifyJob, TrunklineError } from '@trunkline/contracts';
import { publicLookup, requirePublicHost } from '@trunkline/service';
import { Webhook as Signature } from 'standardwebhooks';
import { Agent, request } from 'undici';

export interface WebhookSettings {
  readonly url: string;
  /** Standard Webhooks, base64 with or without `whsec_`; `null`: not signed. */
  readonly secret: string | null;
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
}

export type Delivery =
  | { kind: 'delivered'; status: number }
  /** 410: the receiver wants no more of them. */
  | { kind: 'gone' }
  /** @param retryAfterMs what the receiver asked for; `null`: nothing */
  | { kind: 'refused'; status: number; retryAfterMs: number | null };

export class Webhook implements AsyncDisposable {
  readonly #settings: WebhookSettings;
  readonly #agent: Agent;
  readonly #signature: Signature | null;

  constructor(settings: WebhookSettings) {
    this.#settings = settings;
    this.#signature = settings.secret === null ? null : new Signature(settings.secret);
    const timeout = settings.timeoutMs;
    this.#agent = new Agent({
      connect: settings.allowPrivate ? { timeout } : { timeout, lookup: publicLookup },
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
  }

  /**
   * Redirects are answers like others here: they are refused, not followed.
   * @param now the moment of this delivery; it is signed with it
   * @throws TrunklineError WEBHOOK_UNREACHABLE, WEBHOOK_ADDRESS_FORBIDDEN; the signal's reason
   */
  async deliver(job: ArchiveNotifyJob, now: Date, signal: AbortSignal): Promise<Delivery> {
    const { url, allowPrivate, timeoutMs } = this.#settings;
    if (!allowPrivate) requirePublicHost(new URL(url));
    const body = completionBody(job);
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: this.#headers(job.webhookId, now, body),
        body,
        dispatcher: this.#agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      // Whatever the receiver writes is not read: it may be endless.
      answer.body.on('error', () => {}).destroy();
      const { statusCode: status } = answer;
      if (status === 200 || status === 202) return { kind: 'delivered', status };
      if (status === 410) return { kind: 'gone' };
      return { kind: 'refused', status, retryAfterMs: retryAfterMs(answer.headers['retry-after'], now) };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw unreachable(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  /** Standard Webhooks: id and time always, a signature where there is a secret. */
  #headers(id: string, now: Date, body: string): Record<string, string> {
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'trunkline',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    };
    const signature = this.#signature?.sign(id, now, body);
    return signature === undefined ? headers : { ...headers, 'webhook-signature': signature };
  }
}

/** The body, as the guide's contract has it; the same at every delivery. */
function completionBody({ metrics, audit }: ArchiveNotifyJob): string {
  const { bytes_transferred, duration_seconds, throughput_mbps, estimated_cost_usd } = metrics;
  const { timestamp, action, conversation_id, status, checksum } = audit;
  return JSON.stringify({
    event: 'archive.completed',
    metrics: { bytes_transferred, duration_seconds, throughput_mbps, estimated_cost_usd },
    audit: { timestamp, action, conversation_id, status, checksum },
  });
}

function retryAfterMs(header: string | string[] | undefined, now: Date): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

function unreachable(error: unknown): TrunklineError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TrunklineError) return cause;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'timeout';
  return new TrunklineError('WEBHOOK_UNREACHABLE', {
    message: `The webhook of EVENT_BRIDGE_URL gave no answer (${code}).`,
    remedy: 'It is tried again by itself; the archive is done. Check the receiver and the network.',
    cause: error,
  });
}

/**
 * Sees to it that every archived window comes to stand in the compliance chain, whatever becomes of Redis.
 *
 * The manifest is in the bucket before its record's job is in Redis. Where Redis is emptied between that and the entry in the chain, this
 * finds the manifest without its record and queues record and completion event again: the record by its id, the event with the webhook
 * id that it had, so that a receiver which had it knows it.
 */
import type { ComplianceChain, Manifests } from '@trunkline/archive-store';
import type { Component, Service } from '@trunkline/service';
import { type AfterArchive, successRecord } from './after-archive.ts';

export interface RecordWatchParts {
  service: Service;
  manifests: Pick<Manifests, 'writtenSince' | 'read'>;
  chain: Pick<ComplianceChain, 'has'>;
  after: AfterArchive;
  /** Whether there is a webhook to be told. */
  notifies: boolean;
  now: () => Date;
}

/** How far back manifests are looked at (ms): far longer than any outage that keeps a record on its queue. */
const lookBackMs = 14 * 86_400_000;
/** A younger manifest's job is on its way (ms). */
const settlingMs = 300_000;
const everyMs = 3_600_000;
const firstMs = 60_000;

export class RecordWatch implements Component {
  readonly name = 'record watch';
  readonly #parts: RecordWatchParts;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(parts: RecordWatchParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    this.#next(firstMs);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  /** @returns windows whose record was missing, and is on its queue again; @throws TrunklineError with an S3_ code */
  async look(): Promise<string[]> {
    const { service, manifests, chain, after, notifies, now } = this.#parts;
    const signal = service.stopping;
    const missing: string[] = [];
    const at = now().getTime();
    for await (const windowId of manifests.writtenSince(at - lookBackMs, at - settlingMs, signal)) {
      const stored = await manifests.read(windowId, signal);
      if (stored === null || (await chain.has(stored.manifest.recordId, signal))) continue;
      const traceId = `again-${windowId}`;
      await after.record(successRecord(stored, traceId));
      if (notifies) await after.notify(stored, traceId);
      missing.push(windowId);
      service.log.warn(
        { event: 'compliance.record-missing', windowId, traceId },
        'An archived window had no record in the compliance chain: record and completion event are queued again',
      );
    }
    return missing;
  }

  #next(inMs: number): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.look()
        .catch((err: unknown) =>
          this.#parts.service.log.warn(
            { event: 'compliance.watch-failed', err },
            'Whether every archived window has its record could not be looked up; it is tried again',
          ),
        )
        .then(() => {
          if (this.#timer !== undefined) this.#next(everyMs);
        });
    }, inMs).unref();
  }
}

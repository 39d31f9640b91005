/**
 * Keeps the searchable copy of the compliance chain in Elasticsearch up with it.
 *
 * It follows the chain by itself, apart from the queue: while Elasticsearch is away only the copy waits. What the copy holds tells
 * where to go on; where entries are missing in it (a new cluster) it begins anew. Several replicas may do so at once: an entry's
 * number is its id.
 */
import type { ComplianceChain } from '@trunkline/archive-store';
import { errorCodeOf } from '@trunkline/contracts';
import type { ComplianceRecords, SearchableRecord } from '@trunkline/elasticsearch-sink';
import type { Component, Service } from '@trunkline/service';
import type { UploaderMetrics } from './metrics.ts';

const entriesAtOnce = 200;

export interface ComplianceCopyParts {
  service: Service;
  chain: ComplianceChain;
  records: Pick<ComplianceRecords, 'last' | 'add'>;
  /** How often the chain is looked at where nothing was heard of it, and a failure is tried again (ms). */
  intervalMs: number;
  metrics: UploaderMetrics;
}

export class ComplianceCopy implements Component {
  readonly name = 'compliance copy';
  readonly #parts: ComplianceCopyParts;
  /** Up to here the copy is whole; `null`: to be asked. */
  #copied: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #nudged = false;
  #isBehind = false;
  #stopped = false;

  constructor(parts: ComplianceCopyParts) {
    this.#parts = parts;
  }

  /** Number of the last entry that stands in the copy, for the heartbeat; `null`: not known yet. */
  get copied(): number | null {
    return this.#copied;
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.nudge(), this.#parts.intervalMs);
    this.nudge();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#running;
  }

  /** There may be something new; returns at once. After a failure it waits for the next interval. */
  nudge(): void {
    if (this.#stopped) return;
    if (this.#running !== null) {
      this.#nudged = true;
      return;
    }
    this.#nudged = false;
    this.#running = this.#follow().finally(() => {
      this.#running = null;
      if (this.#nudged && !this.#isBehind) this.nudge();
    });
  }

  async #follow(): Promise<void> {
    const { service, metrics } = this.#parts;
    try {
      this.#copied ??= await this.#wholeUpTo();
      await this.#copyFrom(this.#copied + 1);
      metrics.complianceCopied.set(this.#copied);
      if (this.#isBehind) {
        this.#isBehind = false;
        service.health.report('compliance copy', null);
        service.log.info(
          { event: 'compliance-copy.caught-up', seq: this.#copied },
          'The copy of the compliance chain is up with it',
        );
      }
    } catch (err) {
      if (service.stopping.aborted) return;
      const message = `The copy of the compliance chain in Elasticsearch falls behind (${errorCodeOf(err) ?? 'unforeseen'}); records stand in the bucket, and are copied when it is back.`;
      service.health.report('compliance copy', message);
      if (this.#isBehind) return;
      this.#isBehind = true;
      service.log.warn({ event: 'compliance-copy.behind', errorCode: errorCodeOf(err), err }, message);
    }
  }

  async #wholeUpTo(): Promise<number> {
    const { last, count } = await this.#parts.records.last(this.#parts.service.stopping);
    return last === null || count < last.seq ? 0 : last.seq;
  }

  async #copyFrom(seq: number): Promise<void> {
    let gathered: SearchableRecord[] = [];
    for await (const { seq: at, opened } of this.#parts.chain.read(seq, this.#parts.service.stopping)) {
      // An entry that was altered is for `verify` to tell; the copy keeps what it had, or nothing.
      if (opened.kind !== 'altered') {
        const { record, appendedAt } = opened.entry;
        gathered.push({ seq: at, digest: opened.digest, appendedAt, ...record });
      }
      if (gathered.length >= entriesAtOnce) {
        await this.#add(gathered);
        gathered = [];
      }
    }
    await this.#add(gathered);
  }

  async #add(records: readonly SearchableRecord[]): Promise<void> {
    if (records.length === 0) return;
    const { service } = this.#parts;
    const differing = await this.#parts.records.add(records, service.stopping);
    if (differing.length > 0) {
      service.log.error(
        {
          event: 'compliance-copy.differs',
          errorCode: 'COMPLIANCE_CHAIN_BROKEN',
          seq: differing[0],
          count: differing.length,
        },
        'Entries of the compliance chain differ from their copies in Elasticsearch: run `trunkline verify archive`',
      );
    }
    this.#copied = records.at(-1)?.seq ?? this.#copied;
  }
}

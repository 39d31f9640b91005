import { errorCodeOf } from '@trunkline/contracts';
import type { Service } from '@trunkline/service';
import type { BreakerState } from './breaker.ts';
import { describeReason, type GateState } from './health-gate.ts';
import type { IndexerMetrics } from './metrics.ts';

const breakerValue: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };

/** What is told of Elasticsearch: log, metric, readiness and the word in the heartbeat, from one place, so that they agree. */
export class Told {
  readonly #service: Pick<Service, 'log' | 'health'>;
  readonly #metrics: IndexerMetrics;
  #gateWord = 'unknown';

  constructor(service: Pick<Service, 'log' | 'health'>, metrics: IndexerMetrics) {
    this.#service = service;
    this.#metrics = metrics;
  }

  /** `open`, or `shut` with the reason, for people. */
  get gateWord(): string {
    return this.#gateWord;
  }

  gate(state: GateState): void {
    const { log, health } = this.#service;
    switch (state.kind) {
      case 'unknown':
        return;
      case 'open':
        this.#gateWord = 'open';
        this.#metrics.gateOpen.set(1);
        health.report('elasticsearch', null);
        health.report('elasticsearch set-up', null);
        log.info({ event: 'gate.open' }, 'Elasticsearch takes writes: indexing goes on');
        return;
      case 'shut': {
        const { reason } = state;
        const sentence = describeReason(reason);
        this.#gateWord = reason.kind === 'health' ? `shut (${reason.status})` : `shut (${reason.kind})`;
        this.#metrics.gateOpen.set(0);
        this.#metrics.gateShuts.inc({ reason: reason.kind });
        health.report('elasticsearch', sentence);
        const starting = reason.kind === 'setup';
        log[starting ? 'info' : 'warn']({ event: 'gate.shut', reason: reason.kind }, sentence);
        return;
      }
      default:
        state satisfies never;
    }
  }

  breaker(state: BreakerState): void {
    const { log, health } = this.#service;
    this.#metrics.breakerState.set(breakerValue[state]);
    log[state === 'open' ? 'warn' : 'info'](
      { event: `breaker.${state}` },
      state === 'open'
        ? 'Bulk requests failed one after another: batches stay on the queue until one is tried again'
        : state === 'half-open'
          ? 'One bulk request is tried'
          : 'Bulk requests succeed again',
    );
    health.report(
      'elasticsearch requests',
      state === 'open'
        ? 'Bulk requests failed one after another; one is tried again by itself. Look at the cluster and at what stands before it.'
        : null,
    );
  }

  bulkFailed(error: unknown, items: number): void {
    this.#service.log.warn(
      { event: 'bulk.failed', errorCode: errorCodeOf(error), count: items, err: error },
      'A bulk request failed as a whole; its batches are sent again or go back to the queue',
    );
  }
}

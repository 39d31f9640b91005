import type { BucketGateState } from '@trunkline/archive-store';
import type { Service } from '@trunkline/service';
import type { UploaderMetrics } from './metrics.ts';

/** What is told of the bucket gate: log, metric, readiness and the word in the heartbeat, from one place, so that they agree. */
export class GateTold {
  readonly #service: Pick<Service, 'log' | 'health'>;
  readonly #metrics: UploaderMetrics;
  #word = 'unknown';

  constructor(service: Pick<Service, 'log' | 'health'>, metrics: UploaderMetrics) {
    this.#service = service;
    this.#metrics = metrics;
  }

  /** `open`, or `shut` with the reason, for people. */
  get word(): string {
    return this.#word;
  }

  tell(state: BucketGateState): void {
    const { log, health } = this.#service;
    switch (state.kind) {
      case 'unknown':
        return;
      case 'open':
        this.#word = state.warnings.length === 0 ? 'open' : `open (${state.warnings.length} warnings)`;
        this.#metrics.gateOpen.set(1);
        health.report('bucket', null);
        log.info({ event: 'bucket-gate.open', encryption: state.encryption }, 'The bucket may be written to');
        for (const warning of state.warnings) log.warn({ event: 'bucket-gate.warning' }, warning);
        return;
      case 'shut': {
        const { kind, message, code } = state.reason;
        this.#word = `shut (${kind})`;
        this.#metrics.gateOpen.set(0);
        this.#metrics.gateShuts.inc({ reason: kind });
        health.report('bucket', message);
        log.warn({ event: 'bucket-gate.shut', reason: kind, errorCode: code }, message);
        return;
      }
      default:
        state satisfies never;
    }
  }
}

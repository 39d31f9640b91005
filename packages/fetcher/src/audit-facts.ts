import type { AuditSourceFact, GenesysWait } from '@trunkline/genesys';
import type { Service } from '@trunkline/service';
import type { FetcherMetrics } from './metrics.ts';

/** Logs and counts what sources and calls tell of themselves, so that log and metrics agree. */
export class AuditFacts {
  readonly #log: Service['log'];
  readonly #metrics: FetcherMetrics;

  constructor(log: Service['log'], metrics: FetcherMetrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  told(stream: string, fact: AuditSourceFact): void {
    const metrics = this.#metrics;
    switch (fact.kind) {
      case 'pass-begun':
        metrics.passes.inc({ stream, pass: fact.pass });
        this.#log.debug({ event: 'pass.begun', stream, pass: fact.pass, ...rangeOf(fact) });
        return;
      case 'repeats':
        metrics.repeats.inc({ stream }, fact.count);
        this.#log.debug({ event: 'events.repeated', stream, count: fact.count });
        return;
      case 'switched-to-history':
        metrics.historySwitches.inc({ stream });
        this.#log.warn(
          { event: 'stream.switched-to-history', stream, ...rangeOf(fact) },
          'The stream is further behind than realtime queries reach: this stretch is read through the audit history, then it goes on',
        );
        return;
      case 'history-query': {
        metrics.historyQueries.inc({ stream, outcome: fact.outcome });
        const fields = { event: `history-query.${fact.outcome}`, stream, ...rangeOf(fact) };
        if (fact.outcome === 'failed' || fact.outcome === 'lost') {
          this.#log.warn(fields, 'An audit history query came to nothing: its window is asked for again');
        } else this.#log.info(fields, historyWords[fact.outcome]);
        return;
      }
      case 'service-by-service':
        this.#log.warn(
          { event: 'services.asked-one-by-one', stream, count: fact.services },
          'Genesys wants a service in each realtime query: every pass takes as many requests as there are services',
        );
        return;
      default:
        fact satisfies never;
    }
  }

  waited(stream: string | null, { code, message, untilMs, correlationId }: GenesysWait): void {
    this.#metrics.waits.inc({ code });
    const until = new Date(untilMs).toISOString();
    this.#log.warn({ event: 'genesys.wait', stream, errorCode: code, until, correlationId }, message);
  }
}

const historyWords = {
  submitted: 'An audit history query was submitted',
  busy: 'Another audit history query of the organisation is under way: this one waits',
  succeeded: 'An audit history query has its result',
  'too-large': 'The result of an audit history query is too large to be held: its window is halved',
} as const;

function rangeOf({ from, to }: { from: number; to: number }): { from: string; to: string } {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

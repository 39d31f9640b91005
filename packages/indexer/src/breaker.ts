import { errorCodeOf } from '@trunkline/contracts';
import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';

export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * The circuit breaker of this process: opens when bulk requests fail as a whole, one after another, and lets one try again
 * after a while. What Elasticsearch says of single items does not count, nor does what a person has to mend.
 */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #halfOpenMs: number;
  readonly #now: () => number;
  #openedAt = 0;

  constructor(options: {
    failures: number;
    halfOpenMs: number;
    now: () => number;
    onChange: (state: BreakerState) => void;
  }) {
    this.#halfOpenMs = options.halfOpenMs;
    this.#now = options.now;
    this.#policy = circuitBreaker(handleWhen(isWholeFailure), {
      halfOpenAfter: options.halfOpenMs,
      breaker: new ConsecutiveBreaker(options.failures),
    });
    this.#policy.onStateChange((state) => {
      if (state === CircuitState.Open) this.#openedAt = this.#now();
      options.onChange(nameOf(state));
    });
  }

  get state(): BreakerState {
    return nameOf(this.#policy.state);
  }

  /** Whether a request would be let through, be it as the one that tries. */
  get isPassable(): boolean {
    return this.#policy.state !== CircuitState.Open || this.#now() - this.#openedAt >= this.#halfOpenMs;
  }

  /**
   * @throws what `work` throws
   * @throws an error that `isBroken` knows, when it is open and `work` was not called
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    return this.#policy.execute(work);
  }
}

export function isBroken(error: unknown): boolean {
  return error instanceof Error && isBrokenCircuitError(error);
}

/** Whether a bulk request failed as a whole for a reason that passes by itself. */
export function isWholeFailure(error: unknown): boolean {
  switch (errorCodeOf(error)) {
    case 'ELASTICSEARCH_UNREACHABLE':
    case 'ELASTICSEARCH_OVERLOADED':
    case 'ELASTICSEARCH_REPLY_UNREADABLE':
      return true;
    default:
      return false;
  }
}

function nameOf(state: CircuitState): BreakerState {
  return state === CircuitState.Closed ? 'closed' : state === CircuitState.HalfOpen ? 'half-open' : 'open';
}

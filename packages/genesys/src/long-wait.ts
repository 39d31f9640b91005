import { TrunklineError } from '@trunkline/contracts';

/** The next attempt of a call is further away than its caller wants to wait for: the work is better parked until then. */
export class LongWait extends TrunklineError {
  /** When the next attempt may be made, ms since 1970. */
  readonly untilMs: number;

  constructor(reason: TrunklineError, untilMs: number) {
    const { message, correlationId } = reason;
    super(reason.code, { message, correlationId, cause: reason });
    this.untilMs = untilMs;
  }
}

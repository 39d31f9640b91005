import type { AccessEntry, AccessLog } from '@trunkline/access-log';
import type { Request, Response } from 'express';
import type { Counter } from 'prom-client';
import { addressOf } from './address.ts';
import { visitorOf } from './visitor.ts';

/** What somebody asked for, and what became of it. */
export interface OperatorAct {
  /** A word of ours; `null`: what is closed to everybody. */
  readonly action: string | null;
  readonly target: string | null;
  readonly outcome: AccessEntry['outcome'];
  readonly reason?: string;
  /** How many it came to be about. */
  readonly count?: number;
  /** Further fields for the log line. */
  readonly more?: Record<string, unknown>;
}

/** Tells each action of a person once: access log and metric agree. */
export class OperatorActions {
  readonly #accessLog: AccessLog;
  readonly #counter: Counter<'action' | 'outcome'>;

  constructor(accessLog: AccessLog, counter: Counter<'action' | 'outcome'>) {
    this.#accessLog = accessLog;
    this.#counter = counter;
  }

  /**
   * Who asks, and from where. Asked for before a request is handed on: within Bull Board's own app a request knows nothing of our
   * trusted proxies.
   */
  of(request: Request, response: Response): (act: OperatorAct) => Promise<void> {
    const { name, role } = visitorOf(response);
    const who = { user: name, role, address: addressOf(request) };
    return (act) => this.#tell(who, act);
  }

  async #tell(who: Pick<AccessEntry, 'user' | 'role' | 'address'>, act: OperatorAct): Promise<void> {
    const { action, target, outcome, reason = null, count = null, more = {} } = act;
    this.#counter.inc({ action: action ?? 'closed', outcome });
    const event = outcome === 'refused' ? 'access.refused' : 'access.operator-action';
    const text = `${who.user ?? 'Nobody'} asked for ${action ?? 'what is closed'}: ${outcome}`;
    await this.#accessLog.tell(
      { event, ...who, action, target, outcome, reason, count },
      reason !== null && outcome === 'refused' ? reason : text,
      { action, ...more },
    );
  }
}

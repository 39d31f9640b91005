import type { Strike } from '../faults/fault-plan.ts';
import { answerAtGateway } from '../faults/gateway.ts';
import { errorReply } from '../http/error-reply.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { EventBridge, ReceivedEvent } from './event-bridge.ts';

/**
 * Answers `POST /event-bridge`, and keeps what came in any case.
 * @param status what a right event is answered
 */
export function answerEvent(
  bridge: EventBridge,
  request: ReceivedRequest,
  strike: Strike,
  status: number,
  nowMs: number,
): { reply: Reply; event: ReceivedEvent } {
  const { verdict, event } = bridge.judge(request);
  const spoilt = answerAtGateway(strike, nowMs);
  const isTaken = spoilt === null && verdict.kind === 'accepted';
  const kept = bridge.record(request, event, isTaken);
  if (spoilt !== null) return { reply: spoilt, event: kept };
  if (verdict.kind === 'refused') {
    const code = verdict.status === 401 ? 'bad.signature' : 'bad.request';
    return { reply: errorReply(verdict.status, code, verdict.message), event: kept };
  }
  const other = strike.take('accepted')?.status ?? status;
  return { reply: jsonReply(other, { received: kept.seq }), event: kept };
}

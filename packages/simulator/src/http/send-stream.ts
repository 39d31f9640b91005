import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Strike } from '../faults/fault-plan.ts';
import type { StreamReply } from './reply.ts';
import { drained, type Outcome, pause, write } from './send.ts';

/** How a streamed reply ended, and how many bytes of its body were handed to the network. */
export interface StreamOutcome {
  outcome: Outcome;
  bytes: number;
}

/**
 * Sends a reply whose body is made on the way, at the pace of its reader, spoilt where a fault says so. Never holds
 * more of it than a chunk and what the socket buffers.
 */
export async function sendStream(
  response: ServerResponse,
  reply: StreamReply,
  strike: Strike,
): Promise<StreamOutcome> {
  const { length } = reply;
  const delay = strike.take('delay');
  if (delay) await pause(response, delay.ms);
  const half = Math.floor(length / 2);
  const fault = strike.take('reset', 'reset-mid-body', 'cut', 'truncate', 'stall', 'slow-body');
  if (fault?.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return { outcome: 'broken', bytes: 0 };
  }
  if (fault?.kind === 'stall' && fault.bytes === null) {
    await pause(response, fault.ms);
    response.socket?.destroy();
    return { outcome: 'broken', bytes: 0 };
  }

  const stops = fault !== null && fault.kind !== 'slow-body';
  const goal = stops ? Math.min(length, fault.bytes ?? half) : length;
  const wrong = strike.take('wrong-length');
  const stated = (fault?.kind === 'truncate' ? goal : length) + (wrong?.by ?? 0);
  const headers = strike.take('no-length')
    ? reply.headers
    : { ...reply.headers, 'Content-Length': String(Math.max(0, stated)) };
  response.writeHead(reply.status, headers);
  response.flushHeaders();

  const pace =
    fault?.kind === 'slow-body'
      ? { bytes: Math.max(1, Math.ceil(length / fault.pieces)), ms: fault.durationMs / fault.pieces }
      : null;
  let sent = 0;
  let ended: ((whole: boolean) => void) | undefined;
  const isWhole = goal === length && fault?.kind !== 'truncate' && wrong === null;
  if (length === 0 && isWhole) ended = reply.deliver?.();
  for (const chunk of goal > 0 ? reply.chunks() : []) {
    for (let at = 0; at < chunk.length && sent < goal && !response.destroyed; ) {
      const size = Math.min(chunk.length - at, goal - sent, pace?.bytes ?? chunk.length);
      if (sent + size === length && isWhole) ended = reply.deliver?.();
      const part = chunk.subarray(at, at + size);
      // What stands before a break is to arrive, so it has to leave before the connection goes.
      if (stops && sent + size === goal) await write(response, part);
      else if (!response.write(part)) await drained(response);
      at += size;
      sent += size;
      if (pace !== null) await pause(response, pace.ms);
    }
    if (sent >= goal || response.destroyed) break;
    await nextTurn();
  }

  if (fault?.kind === 'stall') await pause(response, fault.ms);
  if (fault?.kind === 'reset-mid-body') response.socket?.resetAndDestroy();
  else if (fault?.kind === 'cut' || fault?.kind === 'stall') response.socket?.destroy();
  else if (wrong !== null) await new Promise<void>((resolve) => closeBehind(response, resolve));
  else if (!response.destroyed) await new Promise<void>((resolve) => finish(response, resolve));
  const whole = isWhole && response.writableFinished && sent === length;
  ended?.(whole);
  return { outcome: whole ? reply.status : 'broken', bytes: sent };
}

function finish(response: ServerResponse, done: () => void): void {
  response.once('close', done);
  response.end();
}

/** Closes the connection when all that was written has left, whatever length was stated. */
function closeBehind(response: ServerResponse, done: () => void): void {
  const { socket } = response;
  if (socket === null || socket.destroyed) {
    done();
    return;
  }
  socket.once('close', done);
  socket.end();
}

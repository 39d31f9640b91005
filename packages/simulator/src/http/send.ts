import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Strike } from '../faults/fault-plan.ts';
import type { Reply } from './reply.ts';

/** How a reply ended: its status, or that the client did not get it whole. */
export type Outcome = number | 'broken';

/** Sends a reply, spoilt on the way where a fault says so. */
export async function send(response: ServerResponse, reply: Reply, strike: Strike | null): Promise<Outcome> {
  const { body } = reply;
  const half = Math.floor(body.length / 2);

  const delay = strike?.take('delay');
  if (delay) await pause(response, delay.ms);

  const fault = strike?.take('reset', 'reset-mid-body', 'cut', 'truncate', 'stall', 'slow-body') ?? null;
  switch (fault?.kind) {
    case undefined:
      response.writeHead(reply.status, withLength(reply, body.length));
      return finish(response, reply, body);
    case 'reset':
      response.socket?.resetAndDestroy();
      return 'broken';
    case 'reset-mid-body':
      await begin(response, reply, body.subarray(0, fault.bytes ?? half));
      response.socket?.resetAndDestroy();
      return 'broken';
    case 'cut':
      await begin(response, reply, body.subarray(0, fault.bytes ?? half));
      response.socket?.destroy();
      return 'broken';
    case 'truncate': {
      const part = body.subarray(0, fault.bytes ?? half);
      response.writeHead(reply.status, withLength(reply, part.length));
      await finish(response, { status: reply.status, headers: reply.headers, body: part }, part);
      return 'broken';
    }
    case 'stall':
      if (fault.bytes !== null) await begin(response, reply, body.subarray(0, fault.bytes));
      await pause(response, fault.ms);
      response.socket?.destroy();
      return 'broken';
    case 'slow-body': {
      const size = Math.max(1, Math.ceil(body.length / fault.pieces));
      response.writeHead(reply.status, withLength(reply, body.length));
      let sent = 0;
      for (; sent + size < body.length && !response.destroyed; sent += size) {
        await write(response, body.subarray(sent, sent + size));
        await pause(response, fault.durationMs / fault.pieces);
      }
      return finish(response, reply, body.subarray(sent));
    }
    default:
      return fault satisfies never;
  }
}

function withLength(reply: Reply, length: number): Record<string, string> {
  return { ...reply.headers, 'Content-Length': String(length) };
}

/** Status, headers with the length of the whole body, and a part of it. */
async function begin(response: ServerResponse, reply: Reply, part: Buffer): Promise<void> {
  response.writeHead(reply.status, withLength(reply, reply.body.length));
  response.flushHeaders();
  if (part.length > 0) await write(response, part);
}

export function write(response: ServerResponse, part: Buffer): Promise<void> {
  return new Promise((resolve) => response.write(part, () => resolve()));
}

function finish(response: ServerResponse, reply: Reply, rest: Buffer): Promise<Outcome> {
  if (response.destroyed) return Promise.resolve('broken');
  const ended = reply.deliver?.();
  return new Promise((resolve) => {
    response.once('close', () => {
      ended?.(response.writableFinished);
      resolve(response.writableFinished ? reply.status : 'broken');
    });
    response.end(rest);
  });
}

/** Waits, but no longer than the client does. */
export async function pause(response: ServerResponse, ms: number): Promise<void> {
  if (response.destroyed) return;
  const gone = new AbortController();
  const leave = () => gone.abort();
  response.once('close', leave);
  await sleep(ms, undefined, { signal: gone.signal }).catch(() => {});
  response.off('close', leave);
}

/** Waits until more can be written, or nobody reads any more. */
export function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

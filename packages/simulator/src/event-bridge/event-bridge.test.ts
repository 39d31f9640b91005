import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { SimulatorControl, startSimulator } from '../index.ts';

const SECRET = `whsec_${Buffer.from('a secret of the event bridge 123').toString('base64')}`;
const EVENT = {
  event: 'archive.completed',
  metrics: { bytes_transferred: 12, duration_seconds: 0.5, throughput_mbps: 1.25, estimated_cost_usd: 1e-9 },
  audit: {
    timestamp: '2026-03-14T00:00:00Z',
    action: 'ARCHIVE_OFFLOAD',
    conversation_id: 'BATCH_20260313',
    status: 'SUCCESS',
    checksum: 'ab'.repeat(32),
  },
};

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Signed as Standard Webhooks has it. */
const signed = (id: string, body: unknown, secret = SECRET) => {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign(id, now, JSON.stringify(body)),
  };
};

describe('the event bridge', () => {
  it('takes a completion event with more members than the contract has, and keeps it', async () => {
    await using simulator = await startSimulator({ backlog: 0, eventBridgeStatus: 202 });
    const control = new SimulatorControl(simulator.url);
    const body = { ...EVENT, window: 'more', metrics: { ...EVENT.metrics, source_bytes: 9 } };
    expect((await post(simulator.eventBridgeUrl, body, { 'webhook-id': 'msg_1' })).status).toBe(202);
    await expect
      .poll(() => control.completionEvents())
      .toMatchObject([
        {
          seq: 1,
          webhookId: 'msg_1',
          signature: 'unchecked',
          accepted: true,
          repeat: false,
          answered: 202,
          problems: [],
          body,
        },
      ]);
  });

  it.each([
    ['event', { ...EVENT, event: 'archive.done' }],
    ['metrics.throughput_mbps', { ...EVENT, metrics: { ...EVENT.metrics, throughput_mbps: null } }],
    ['metrics.bytes_transferred', { ...EVENT, metrics: { ...EVENT.metrics, bytes_transferred: '12' } }],
    ['audit.checksum', { ...EVENT, audit: { ...EVENT.audit, checksum: undefined } }],
    ['audit.status', { ...EVENT, audit: { ...EVENT.audit, status: 'DONE' } }],
    ['audit.timestamp', { ...EVENT, audit: { ...EVENT.audit, timestamp: 'today' } }],
    ['body', '{'],
  ])('refuses a wrong %s and says so', async (named, body) => {
    await using simulator = await startSimulator({ backlog: 0 });
    const reply = await post(simulator.eventBridgeUrl, body);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain(named);
    expect(simulator.eventBridge.since(0)).toMatchObject([
      { accepted: false, problems: [expect.stringContaining(named)] },
    ]);
    expect(simulator.eventBridge.summary()).toMatchObject({ received: 1, accepted: 0, wrong: 1 });
  });

  it('refuses what is not signed with the secret', async () => {
    await using simulator = await startSimulator({ backlog: 0, eventBridgeSecret: SECRET });
    const url = simulator.eventBridgeUrl;
    const other = `whsec_${Buffer.from('another secret, of nobody at all').toString('base64')}`;
    expect((await post(url, EVENT, signed('a', EVENT))).status).toBe(200);
    expect((await post(url, EVENT, signed('b', EVENT, other))).status).toBe(401);
    expect((await post(url, { ...EVENT, more: 1 }, signed('c', EVENT))).status).toBe(401);
    expect((await post(url, EVENT)).status).toBe(401);
    expect(simulator.eventBridge.since(0).map(({ signature }) => signature)).toEqual([
      'valid',
      'invalid',
      'invalid',
      'missing',
    ]);
  });

  it('counts a repeated id once, also where the answer to the first was lost', async () => {
    await using simulator = await startSimulator({ backlog: 0 });
    const url = simulator.eventBridgeUrl;
    simulator.faults.add({ kind: 'reset', match: 'event-bridge', times: 1 });
    await expect(post(url, EVENT, { 'webhook-id': 'one' })).rejects.toThrow();
    await post(url, EVENT, { 'webhook-id': 'one' });
    await post(url, EVENT, { 'webhook-id': 'two' });
    await expect
      .poll(() => simulator.eventBridge.summary())
      .toEqual({
        received: 3,
        accepted: 3,
        unique: 2,
        repeats: 1,
        wrong: 0,
        byStatus: { broken: 1, 200: 2 },
      });
  });

  it('answers as a fault has it, and takes nothing that it refuses', async () => {
    await using simulator = await startSimulator({ backlog: 0 });
    const { faults, eventBridge, eventBridgeUrl: url } = simulator;
    const once = { match: 'event-bridge', times: 1 } as const;
    const statuses: number[] = [];
    for (const fault of [
      { kind: 'accepted', times: 1 },
      { kind: 'status', status: 500, ...once },
      { kind: 'status', status: 410, ...once },
      { kind: 'rate-limit', retryAfterSeconds: 1, ...once },
      { kind: 'redirect', times: 1 },
    ] as const) {
      faults.add(fault);
      const reply = await post(url, EVENT);
      statuses.push(reply.status);
      if (reply.status === 302) expect(reply.headers.get('location')).toBe('http://127.0.0.1:9/');
    }
    expect(statuses).toEqual([202, 500, 410, 429, 302]);
    faults.add({ kind: 'status', match: 'any' });
    expect((await post(url, EVENT)).status).toBe(200);
    faults.add({ kind: 'stall', ...once, ms: 20 });
    await expect(post(url, EVENT)).rejects.toThrow();
    expect(eventBridge.since(0).map(({ accepted }) => accepted)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('keeps what came over a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'bridge-'));
    try {
      const one = await startSimulator({ backlog: 0, dataDir });
      await post(one.eventBridgeUrl, EVENT, { 'webhook-id': 'kept' });
      await expect.poll(() => one.eventBridge.since(0)[0]?.answered).toBe(200);
      await one.close();
      await using two = await startSimulator({ dataDir });
      await post(two.eventBridgeUrl, EVENT, { 'webhook-id': 'kept' });
      expect(two.eventBridge.since(0)).toMatchObject([
        { seq: 1, answered: 200, repeat: false },
        { seq: 2, repeat: true },
      ]);
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

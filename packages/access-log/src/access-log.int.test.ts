import { randomBytes } from 'node:crypto';
import { createLogger } from '@trunkline/service';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, test } from 'vitest';
import { AccessLog } from './access-log.ts';

const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
const deployment = `access-${randomBytes(5).toString('hex')}`;
const lines: Record<string, unknown>[] = [];
const log = createLogger(
  { service: 'dashboard', instance: 'test', level: 'info' },
  { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
);
const accessLog = new AccessLog(redis, deployment, log);
const entry = { user: 'ana', role: null, address: null, action: null, target: null, reason: null };

afterAll(async () => {
  await redis.del(...(await redis.keys(`*${deployment}*`)));
  redis.disconnect();
});

test('keeps a thousand of each kind, and who tries passwords pushes no action out of it', async () => {
  await accessLog.tell({ ...entry, event: 'access.operator-action', action: 'retry', outcome: 'done' }, '');
  for (let n = 0; n < 1_010; n += 1)
    await accessLog.tell({ ...entry, event: 'access.login-refused', outcome: 'refused' }, '');
  expect(await accessLog.read('logins', 5_000)).toHaveLength(1_000);
  expect((await accessLog.read('actions')).at(0)).toMatchObject({ user: 'ana', action: 'retry' });
});

test('reads what versions before the command line wrote, and tells an entry in the log too', async () => {
  const key = (await redis.keys(`*${deployment}*:actions`))[0] ?? '';
  const old = { ...entry, at: '2026-11-22T10:00:00.000Z', event: 'access.operator-action', outcome: 'done' };
  await redis.lpush(key, JSON.stringify(old), 'no entry');
  expect((await accessLog.read('actions'))[0]).toMatchObject({ via: 'dashboard', count: null });
  expect(lines[0]).toMatchObject({ event: 'access.operator-action', user: 'ana', outcome: 'done' });
});

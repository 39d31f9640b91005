import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

const rules = readFileSync(path.join(import.meta.dirname, '../../../deploy/access/redis.acl'), 'utf8').trim();

test('the rights that deploy/access/redis.acl gives are enough for Redis, and reach no key of anybody else', async () => {
  await using system = await startSystem({ fetchers: 0, indexers: 0, simulator: { backlog: 500 } });
  const { id } = system.names;
  const user = `test-${randomBytes(6).toString('hex')}`;
  const password = randomBytes(16).toString('hex');
  const words = rules.replaceAll('{trunkline', `{${id}`).replace('CHANGE-ME', password).split(' ').slice(2);
  await system.redis.call('ACL', 'SETUSER', user, ...words);
  try {
    const through = new URL(system.faults.redis.urlFor(system.redisUrl));
    through.username = user;
    through.password = password;
    const settings = { REDIS_URL: through.href };
    await Promise.all([
      system.addIndexer(settings),
      system.addFetcher(settings),
      system.addDashboard(settings),
    ]);
    await system.drained({ withinMs: 60_000 });
    await expectExactlyOnce(system);

    // What was refused stands in Redis' own log, by user.
    const log = (await system.redis.call('ACL', 'LOG', '128')) as string[][];
    const refused = log.filter((entry) => entry.includes(user)).map((entry) => entry.slice(0, 8));
    expect(refused).toEqual([]);
    const asked = await system.redis.call('ACL', 'DRYRUN', user, 'GET', 'another:key');
    expect(String(asked)).toContain('no permissions');
    expect(String(await system.redis.call('ACL', 'DRYRUN', user, 'FLUSHALL'))).toContain('no permissions');
  } finally {
    await system.redis.call('ACL', 'DELUSER', user);
  }
});

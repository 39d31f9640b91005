/** For tests: starts a Redis and a stubborn process, says on stdout who they are, and waits to be killed. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnKept } from '../keeper/kept-process.ts';
import { startRedis } from '../parts/redis.ts';

const [folder = '.'] = process.argv.slice(2);
const redis = await startRedis({
  sources: ['binary', 'download'],
  environment: {},
});
const stubborn = await spawnKept({
  command: process.execPath,
  args: [fileURLToPath(new URL('./stubborn.ts', import.meta.url))],
  logFile: path.join(folder, 'stubborn.log'),
});
process.stdout.write(
  `${JSON.stringify({ redis: redis.pid, redisUrl: redis.url, stubborn: stubborn.pid })}\n`,
);
setInterval(() => {}, 60_000);

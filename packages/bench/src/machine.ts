import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Parts } from './parts.ts';

/** The parts that the audit pipeline was measured with. */
export async function describeParts({ redis, elasticsearch }: Parts): Promise<string> {
  const redisVersion = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
  const { body } = await elasticsearch.ask({
    method: 'GET',
    path: '/_nodes',
    query: { filter_path: 'nodes.*.version' },
    what: 'for its version',
  });
  const [node] = Object.values((body as { nodes: Record<string, { version: string }> }).nodes);
  return `Redis ${redisVersion}, Elasticsearch ${node?.version} with 1 GB heap, 3 shards, no replica`;
}

/** What a reader must know to judge the numbers: machine, versions, and how busy the machine is when the run begins. */
export async function describeMachine(): Promise<string> {
  const cores = cpus();
  const commit = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: import.meta.dirname,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => 'unknown',
  );
  return [
    `${cores.length} × ${cores[0]?.model ?? 'unknown CPU'}`,
    `${Math.round(totalmem() / 1e9)} GB of memory`,
    `Node ${process.version}`,
    `commit ${commit}`,
    `load ${loadavg()[0]?.toFixed(2)} at the start`,
  ].join(', ');
}

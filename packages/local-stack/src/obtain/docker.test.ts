import { expect, test } from 'vitest';
import { type Container, dockerRunArguments, volumeFor } from './docker.ts';

const container: Container = {
  name: 'trunkline-redis-1',
  image: 'redis:7',
  port: 7001,
  containerPort: 6379,
  data: { folder: '/data', volume: 'kept' },
  environment: {},
  command: ['redis-server', '--appendonly', 'yes'],
};

test('a container is removed at its end, labelled, and reached from this machine alone', () => {
  expect(dockerRunArguments(container)).toEqual([
    'run',
    '--rm',
    '--name',
    'trunkline-redis-1',
    '--label',
    'io.trunkline.local-stack',
    '--publish',
    '127.0.0.1:7001:6379',
    '--volume',
    'kept:/data',
    'redis:7',
    'redis-server',
    '--appendonly',
    'yes',
  ]);
});

test('kept data lies in a volume named after its folder, and settings go in as variables', () => {
  const volume = volumeFor('redis', '/state/redis');
  const args = dockerRunArguments({
    ...container,
    data: { folder: '/data', volume },
    environment: { 'cluster.name': 'local' },
  });
  expect(args.join(' ')).toContain(`--volume ${volume}:/data --env cluster.name=local redis:7`);
  expect(volumeFor('redis', '/state/redis')).toBe(volume);
  expect(volumeFor('redis', '/other/redis')).not.toBe(volume);
});

test('a container may run another program than its own, from a file that it cannot change', () => {
  const args = dockerRunArguments({
    ...container,
    file: { host: '/repo/server.py', container: '/trunkline/server.py' },
    entrypoint: 'python',
    command: ['/trunkline/server.py'],
  });
  expect(args.join(' ')).toMatch(
    /--volume \/repo\/server\.py:\/trunkline\/server\.py:ro --entrypoint python redis:7 \/trunkline\/server\.py$/,
  );
});

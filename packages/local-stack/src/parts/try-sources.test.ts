import { expect, test } from 'vitest';
import { startElasticsearch } from './elasticsearch.ts';
import { externalPart } from './external-part.ts';
import { everySource } from './part.ts';
import { startRedis } from './redis.ts';
import { startS3 } from './s3.ts';
import { fromFirstSource, SourceUnusable } from './try-sources.ts';

const part = externalPart('Thing', 'thing://here');

test('the first source that has the part is used', async () => {
  const asked: string[] = [];
  const found = await fromFirstSource(
    'Thing',
    everySource,
    {
      docker: async () => {
        asked.push('docker');
        throw new SourceUnusable('no Docker engine answers');
      },
      binary: async () => {
        asked.push('binary');
        return part;
      },
      download: async () => {
        asked.push('download');
        return part;
      },
    },
    '',
  );
  expect(found).toBe(part);
  expect(asked).toEqual(['docker', 'binary']);
});

test('what cannot be had is told in one message with every reason and the remedy', async () => {
  const nothing = startElasticsearch({
    environment: { PATH: '/nowhere' },
    sources: ['binary', 'download'],
  });
  await expect(nothing).rejects.toThrow(
    [
      'Elasticsearch cannot be had on this machine.',
      '  - binary: ES_HOME is not set',
      '  - download: the download needs Java 17 or newer (PATH: no java that starts)',
      'Install Docker, or Java 17',
    ].join('\n'),
  );
});

test('a machine without Python is told what to install for an S3', async () => {
  const nothing = startS3({ environment: { PATH: '/nowhere' }, sources: ['binary', 'download'] });
  await expect(nothing).rejects.toThrow(
    [
      'S3 cannot be had on this machine.',
      '  - binary: no moto_server on PATH',
      '  - download: the download needs Python 3.10 or newer (no python3 on PATH that starts)',
      'Install Docker, or Python 3.10 with venv (on Debian and Ubuntu: apt-get install python3-venv)',
    ].join('\n'),
  );
});

test.each([
  ['Redis', () => startRedis({ environment: { REDIS_URL: 'redis://:hidden@127.0.0.1:1' } })],
  [
    'Elasticsearch',
    () => startElasticsearch({ environment: { ELASTICSEARCH_URL: 'http://a:hidden@127.0.0.1:1' } }),
  ],
  ['S3', () => startS3({ environment: { S3_ENDPOINT: 'http://a:hidden@127.0.0.1:1' } })],
])('a named %s that does not answer is an error, not a reason to start another', async (_name, start) => {
  const error = await start().then(
    () => null,
    (reason: Error) => reason,
  );
  expect(error?.message).toMatch(/(_URL|_ENDPOINT) is set, but no .* answers there/);
  expect(error?.message).not.toContain('hidden');
});

test('a part of the environment is never stopped', async () => {
  await expect(part.takeDown()).rejects.toThrow("not Trunkline's to stop");
  await part.stop();
});

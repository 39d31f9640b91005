import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { zipFile } from '../testing/zip-file.ts';
import { type Artifact, obtainArtifact } from './artifact.ts';

const zip = zipFile([{ name: 'tool/bin/tool', text: 'works', mode: 0o755 }]);
const artifact: Artifact = {
  groupId: 'org.example',
  artifactId: 'tool',
  version: '1.2.3',
  extension: 'zip',
  sizeBytes: zip.length,
  sha256: createHash('sha256').update(zip).digest('hex'),
};

let server: Server;
let requests: string[] = [];
let body: Buffer = zip;
let cache: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cache = await mkdtemp(path.join(tmpdir(), 'artifact-'));
  vi.stubEnv('TRUNKLINE_MAVEN_REPOSITORY', `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});

beforeEach(async () => {
  requests = [];
  body = zip;
  const folder = await mkdtemp(path.join(cache, 'one-'));
  vi.stubEnv('TRUNKLINE_CACHE_DIR', folder);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  server.close();
  await rm(cache, { recursive: true });
});

test('an artifact is downloaded once, however many ask at the same time', async () => {
  const folders = await Promise.all([1, 2, 3].map(() => obtainArtifact(artifact)));
  expect(new Set(folders).size).toBe(1);
  expect(await readFile(path.join(folders[0] as string, 'tool/bin/tool'), 'utf8')).toBe('works');
  expect(await obtainArtifact(artifact)).toBe(folders[0]);
  expect(requests).toEqual(['/org/example/tool/1.2.3/tool-1.2.3.zip']);
});

test.each([
  ['other bytes of the same length', Buffer.from(zip.toReversed()), 'SHA-256'],
  ['a file that was cut off', zip.subarray(0, 20), 'bytes instead of'],
])('%s are refused, and nothing of them stays', async (_name, served, message) => {
  body = served;
  await expect(obtainArtifact(artifact)).rejects.toThrow(message);
  const left = await readdir(path.join(process.env['TRUNKLINE_CACHE_DIR'] as string, 'artifacts'));
  expect(left).toEqual([]);
  body = zip;
  await obtainArtifact(artifact);
});

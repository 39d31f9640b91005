import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComplianceChain, complianceKey, Manifests, manifestDetails } from '@trunkline/archive-store';
import { ARCHIVE_PLAN, archiveWindowAt } from '@trunkline/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';

const windowOf = (organisation: string) =>
  archiveWindowAt(Date.parse('2026-11-21'), 86_400_000, ['voice', 'chat'], organisation);

let deployment: ArchiveDeployment;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  deployment = await ArchiveDeployment.start();
  folder = await mkdtemp(join(tmpdir(), 'organisations-'));
  env = { ORGANISATIONS_FILE: join(folder, 'organisations.yaml') };
  await writeFile(env['ORGANISATIONS_FILE'] as string, 'organisations: [{ id: one }, { id: two }]');
  for (const organisation of ['one', 'two']) {
    const window = windowOf(organisation);
    const text = `{"conversationId":"c-1","transcripts":["of ${organisation}"]}`;
    await deployment.archive(window, [{ id: 'c-1', text, tokens: [] }]);
    const stored = await new Manifests(deployment.bucketOf(window)).read(window.id);
    if (stored === null) throw new Error('no manifest');
    const key = complianceKey(Buffer.from(deployment.tokenizationKey));
    await new ComplianceChain(deployment.bucket, [key]).append({
      v: 1,
      recordId: `${window.id}-SUCCESS`,
      timestamp: '2026-11-22T01:00:00.000Z',
      action: 'ARCHIVE_OFFLOAD',
      conversationId: window.id,
      status: 'SUCCESS',
      checksum: stored.manifest.source.sha256,
      errorCode: null,
      details: { ...manifestDetails(stored) },
      traceId: 'trace',
    });
  }
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('a command about the archive is about the organisation that it names', async () => {
  const { code, out } = await deployment.run(['archive', 'get', 'c-1', '--organisation', 'two'], env);
  expect([code, out]).toEqual([0, '{"conversationId":"c-1","transcripts":["of two"]}\n']);
  const verify = ['verify', 'archive', '--from', '2026-11-01', '--to', '2026-12-01', '--organisation', 'one'];
  const verified = await deployment.run([...verify, '--json'], { ...env, COMPLIANCE_SEARCH: 'none' });
  expect(JSON.parse(verified.out)).toMatchObject({ windows: 1, chainEntries: 2, findings: [] });
  const backfill = ['backfill', 'archive', '--from', '2026-11-20', '--to', '2026-11-21', '--patience', '0.1'];
  await deployment.run([...backfill, '--organisation', 'one'], env);
  const shown = await deployment.run(['config', '--json', '--organisation', 'two'], env);
  const settings: { env: string; value: string }[] = JSON.parse(shown.out).settings;
  const heldBy = (name: string) => settings.find((setting) => setting.env === name)?.value;
  expect([heldBy('AUDIT_STREAM'), heldBy('ARCHIVE_KEY_PREFIX')]).toEqual(['two', 'two/']);
  const [job] = await deployment.queue(ARCHIVE_PLAN).getJobs(['waiting']);
  expect(job?.data.range).toMatchObject({ organisation: 'one', requestedBy: 'ops@test' });
});

test.each([
  [['--organisation', 'three'], 'There is no organisation three: one, two.'],
  [[], '--organisation must be one of one, two.'],
])('which organisation is meant has to be said: %j', async (args, told) => {
  const { code, err } = await deployment.run(['archive', 'get', 'c-1', ...args], env);
  expect(code).toBe(64);
  expect(err).toContain(told);
});

test('there is none to name without the file', async () => {
  const { code, err } = await deployment.run(['archive', 'get', 'c-1', '--organisation', 'one']);
  expect(code).toBe(64);
  expect(err).toContain('ORGANISATIONS_FILE');
});

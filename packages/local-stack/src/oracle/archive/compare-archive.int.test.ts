import { createHash, randomBytes } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  Bucket,
  ComplianceChain,
  complianceKey,
  compress,
  type Manifest,
  Manifests,
  manifestDetails,
  openS3,
  putOnce,
  writeIndex,
} from '@trunkline/archive-store';
import { archiveWindowAt } from '@trunkline/contracts';
import { createRedactor, redactDocument } from '@trunkline/redaction';
import { type Simulator, SimulatorControl, startSimulator } from '@trunkline/simulator';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { archiveTroubles } from './archive-verdict.ts';
import { compareArchive } from './compare-archive.ts';
import type { ServedRendition } from './ledger-conversations.ts';

const dayMs = 86_400_000;
const key = randomBytes(32).toString('hex');
const redactor = createRedactor({ tokens: { key: new TextEncoder().encode(key) } });
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let simulator: Simulator;
let control: SimulatorControl;
const window = archiveWindowAt(Date.now() - dayMs, dayMs, ['voice', 'chat']);
const media = ['chat', 'voice'] as const;

interface Conversation {
  id: string;
  source: string;
}

beforeAll(async () => {
  const { accessKeyId, secretAccessKey } = inject('s3');
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
  simulator = await startSimulator({ backlog: 0, rate: 0, archiveConversations: 10, archivePeople: 4 });
  control = new SimulatorControl(simulator.url);
});

afterAll(async () => {
  await simulator?.close();
  vi.unstubAllEnvs();
});

const guide: ServedRendition = { contract: 'guide', tokenizationKey: key };
const platform: ServedRendition = { contract: 'platform', attributes: null, tokenizationKey: key };

async function conversations({ contract }: ServedRendition = guide): Promise<Conversation[]> {
  const found: Conversation[] = [];
  const range = { from: window.from, to: window.to, media: [...media], source: true, contract };
  for await (const { conversationId, source } of control.conversations(range)) {
    if (conversationId !== null && source !== undefined) found.push({ id: conversationId, source });
  }
  return found;
}

function redacted({ id, source }: Conversation): { id: string; text: string } {
  // Rows of the platform name no country: there it is that of the customer's number.
  const { region } = JSON.parse(source) as { region?: string };
  const policy = [{ path: 'conversationId', action: 'keep' as const }];
  return { id, text: redactDocument(redactor, source, { policy, region: region ?? 'US' }).json };
}

/** Archives these texts as the pipeline does, and compares. @param spoil what becomes of them first */
async function troublesOf(
  spoil: (stored: { id: string; text: string }[], served: Conversation[]) => { id: string; text: string }[],
  options: {
    unencrypted?: string;
    recorded?: boolean;
    told?: boolean;
    left?: string;
    rendition?: ServedRendition;
  } = {},
): Promise<{ kinds: string[]; troubles: ReturnType<typeof archiveTroubles> }> {
  const { unencrypted = null, recorded = true, told = true, left = '', rendition = guide } = options;
  const served = await conversations(rendition);
  const stored = spoil(served.map(redacted), served);
  const s3 = openS3({ region: inject('s3').region, endpoint: inject('s3').endpoint, forcePathStyle: null });
  const name = `oracle-${randomBytes(6).toString('hex')}`;
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const bucket = new Bucket(s3, { bucket: name, prefix: '' }, { algorithm: 'AES256' });
  if (unencrypted !== null)
    await s3.send(new PutObjectCommand({ Bucket: name, Key: unencrypted, Body: '{}' }));
  const chain = new ComplianceChain(bucket, [complianceKey(Buffer.from(key))]);
  const manifest = await archive(bucket, stored);
  const created = await new Manifests(bucket).create(manifest);
  if (recorded) {
    await chain.append({
      v: 1,
      recordId: manifest.recordId,
      timestamp: manifest.createdAt,
      action: 'ARCHIVE_OFFLOAD',
      conversationId: window.id,
      status: 'SUCCESS',
      checksum: manifest.source.sha256,
      errorCode: null,
      details: manifestDetails(created.stored),
      traceId: 'trace',
    });
  }
  if (told) await tell(`${name}-${window.id}`);
  const verdict = await compareArchive({
    simulator: withEventsOf(control, `${name}-`),
    bucket,
    chain,
    rendition,
    witness: null,
    encryption: { algorithm: 'AES256' },
    notifies: true,
    deadLetters: [],
    elsewhere: async function* () {
      yield { place: 'a log', text: left };
    },
  });
  expect(verdict).toMatchObject({ windows: 1, served: served.length, stored: stored.length });
  expect(verdict.values).toBeGreaterThan(50);
  s3.destroy();
  const troubles = archiveTroubles(verdict);
  return { kinds: Object.keys(troubles), troubles };
}

async function archive(bucket: Bucket, stored: { id: string; text: string }[]): Promise<Manifest> {
  const text = stored.map((one) => `${one.text}\n`).join('');
  const object = await putOnce(bucket, {
    keyOf: (generation) => bucket.keys.batch(window.id, 'b00001', sha256(text), generation, 'gzip'),
    content: () => compress('gzip', pieces(text)),
    contentType: 'application/gzip',
    storageClass: 'STANDARD_IA',
  });
  const entries = async function* () {
    for (const [line, { id }] of stored.entries()) yield { id, object: object.key, line, tokens: [] };
  };
  return {
    v: 1,
    revision: 1,
    window,
    flow: sha256('flow').slice(0, 12),
    createdAt: new Date().toISOString(),
    source: { pages: 1, bytes: 1, sha256: sha256('source'), integrity: 'verified' },
    layout: 'batches',
    format: 'gzip',
    counts: { conversations: stored.length, deadLettered: 0, erased: 0, missingTexts: 0 },
    objects: [
      {
        ...object,
        batch: 'b00001',
        conversations: stored.length,
        deadLettered: 0,
        missingTexts: 0,
        entities: {},
        sourceSha256: sha256(text),
        redactedBytes: text.length,
        engineVersion: '1',
        keyId: null,
      },
    ],
    index: await writeIndex(bucket, window.id, entries, 'STANDARD_IA'),
    metrics: {
      bytes_transferred: object.bytes,
      duration_seconds: 1,
      throughput_mbps: 1,
      estimated_cost_usd: 0,
      sourceBytes: 1,
    },
    recordId: `${window.id}-SUCCESS`,
    erasures: [],
    release: null,
    replacements: [],
  };
}

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}

async function tell(webhookId: string): Promise<void> {
  await fetch(simulator.eventBridgeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': webhookId },
    body: JSON.stringify({
      event: 'archive.completed',
      metrics: { bytes_transferred: 1, duration_seconds: 1, throughput_mbps: 1, estimated_cost_usd: 0 },
      audit: {
        timestamp: new Date().toISOString(),
        action: 'ARCHIVE_OFFLOAD',
        conversation_id: window.id,
        status: 'SUCCESS',
        checksum: sha256('source'),
      },
    }),
  });
}

/** One simulator serves all tests: each sees its own completion events alone. */
function withEventsOf(of: SimulatorControl, start: string): SimulatorControl {
  return Object.assign(Object.create(of) as SimulatorControl, {
    archiveWindows: () => of.archiveWindows(),
    conversations: (query: Parameters<SimulatorControl['conversations']>[0]) => of.conversations(query),
    personalData: (query: Parameters<SimulatorControl['personalData']>[0]) => of.personalData(query),
    completionEvents: async () =>
      (await of.completionEvents()).filter(({ webhookId }) => webhookId?.startsWith(start)),
  });
}

test('a sound archive has no troubles', async () => {
  expect(await troublesOf((stored) => stored)).toEqual({ kinds: [], troubles: {} });
});

test('what is missing, twice, altered or from nowhere is told', async () => {
  const { troubles } = await troublesOf((stored) => {
    const [first, second, third, ...rest] = stored;
    if (first === undefined || second === undefined || third === undefined) throw new Error('Too few.');
    const altered = { ...third, text: third.text.replace('"sequence":', '"sequence":1') };
    const stray = { id: 'stray', text: '{"conversationId":"stray"}' };
    return [second, second, altered, stray, ...rest];
  });
  const [first, second, third] = await conversations();
  expect(troubles).toMatchObject({
    missing: [first?.id],
    twice: [second?.id],
    altered: [expect.stringContaining(third?.id ?? '-')],
    extra: ['stray'],
  });
});

test('a conversation that was stored as it came leaks', async () => {
  const { kinds, troubles } = await troublesOf((stored, served) =>
    stored.map((one, at) => (at === 4 ? { id: one.id, text: served[4]?.source ?? '' } : one)),
  );
  expect(kinds).toEqual(['mistokened', 'leaked']);
  expect(troubles.leaked?.length).toBeGreaterThan(5);
});

test('a value in a log leaks', async () => {
  const { id } = (await conversations())[0] ?? { id: '' };
  const one = (await control.conversation(id)).data?.find(({ claimed }) => claimed);
  const { troubles } = await troublesOf((stored) => stored, { left: `cannot read "${one?.written}"` });
  expect(troubles).toEqual({ leaked: [expect.stringMatching(/^a log: /)] });
});

test('an archive that is not encrypted, not on record or not told of is found out', async () => {
  const { troubles } = await troublesOf((stored) => stored, { unencrypted: 'state/left.json' });
  expect(troubles).toEqual({ unencrypted: ['state/left.json: not encrypted'] });
  expect((await troublesOf((stored) => stored, { recorded: false })).kinds).toEqual([
    'unrecorded',
    'findings',
  ]);
  expect((await troublesOf((stored) => stored, { told: false })).kinds).toEqual(['untold']);
});

test('of the platform contract, a sound archive has no troubles', async () => {
  expect(await troublesOf((stored) => stored, { rendition: platform })).toEqual({ kinds: [], troubles: {} });
});

test('of the platform contract, texts that are gone, foreign tokens and words in clear are told', async () => {
  const changed: { gone?: string; foreign?: string; clear?: string } = {};
  const { troubles } = await troublesOf(
    (stored, served) =>
      stored.map(({ id, text }, place) => {
        if (!text.includes('"words":[{')) return { id, text };
        if (changed.gone === undefined) {
          changed.gone = served[place]?.id ?? '';
          return { id, text: text.replace(/"transcripts":\[.*\]}$/s, '"transcripts":[]}') };
        }
        if (changed.foreign === undefined && text.includes('PHONE-')) {
          changed.foreign = served[place]?.id ?? '';
          return { id, text: text.replaceAll(/PHONE-(.)/g, (_, hex) => `PHONE-${hex === 'f' ? '0' : 'f'}`) };
        }
        // The words of a transcript as they came, beside its redacted texts.
        const inClear = withWordsOf(text, served[place]?.source ?? '');
        if (changed.clear !== undefined || inClear === text) return { id, text };
        changed.clear = served[place]?.id ?? '';
        return { id, text: inClear };
      }),
    { rendition: platform },
  );
  expect(troubles.altered).toEqual([expect.stringContaining(changed.gone ?? '-')]);
  expect(new Set(troubles.mistokened?.map((told) => told.slice(0, 36)))).toEqual(
    new Set([changed.foreign, changed.clear]),
  );
  expect(troubles.leaked?.length).toBeGreaterThan(0);
});

function withWordsOf(text: string, source: string): string {
  const words = /"word":"((?:[^"\\]|\\.)*)"/g;
  const originals = [...source.matchAll(words)].map(([whole]) => whole);
  return text.replaceAll(words, () => originals.shift() ?? '');
}

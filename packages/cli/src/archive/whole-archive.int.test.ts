/** The commands on an archive that the real processes made of what the simulator serves. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';
import { until } from '../deployment.fixture.ts';
import { SimulatorProcess } from '../simulator.fixture.ts';
import { WorkspaceProcess } from '../workspace-process.fixture.ts';

const dayMs = 86_400_000;
const day = new Date(Date.now() - 2 * dayMs).toISOString().slice(0, 10);
const next = new Date(Date.now() - dayMs).toISOString().slice(0, 10);
const range = ['--from', day, '--to', next];

/** The day's conversations as Genesys gives them. */
async function served(simulator: SimulatorProcess): Promise<{ conversationId: string }[]> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: 'simulator-client',
    client_secret: 'simulator-secret',
  });
  const login = await fetch(`${simulator.url}/oauth/token`, { method: 'POST', body: form });
  const { access_token } = (await login.json()) as { access_token: string };
  const answer = await fetch(`${simulator.url}/api/v2/analytics/conversations/details/query`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${access_token}`,
      'content-type': 'application/json',
      'x-genesys-storage-class': 'STANDARD_IA',
    },
    body: JSON.stringify({
      from: `${day}T00:00:00.000Z`,
      to: `${next}T00:00:00.000Z`,
      size: 100,
      filter: ['voice', 'chat'].map((media) => ({ type: 'in', clause: `mediaType=${media}` })),
    }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { conversationId: string }[];
}

test('a day is backfilled, verified, searched by a telephone number, read back and erased', async () => {
  const stage = await mkdtemp(join(tmpdir(), 'trunkline-cli-stage-'));
  try {
    await using simulator = await SimulatorProcess.start({ SIMULATOR_ARCHIVE_CONVERSATIONS: '40' });
    await using deployment = await ArchiveDeployment.start();
    const { accessKeyId, secretAccessKey } = inject('s3');
    const env = {
      ...deployment.env,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      HTTP_PORT: '0',
      FETCHER_PIPELINES: 'archive',
      GENESYS_API_BASE: simulator.url,
      GENESYS_CLIENT_ID: 'simulator-client',
      GENESYS_CLIENT_SECRET: 'simulator-secret',
      GENESYS_RATE_PER_SECOND: '0',
      ARCHIVE_BATCH_CONVERSATIONS: '10',
      ARCHIVE_PLAN_CRON: '0 0 1 1 *', // what is planned here is what the command asks for
      STAGE_URL: `file://${stage}`,
      PAYLOAD_KEY: randomBytes(32).toString('base64'),
    };
    await using _fetcher = new WorkspaceProcess('fetcher', env);
    await using _redactor = new WorkspaceProcess('redactor', env);
    await using _uploader = new WorkspaceProcess('uploader', env);

    const backfill = ['backfill', 'archive', ...range, '--wait', '--json'];
    const first = await deployment.run(backfill);
    // With the reason in sight where it is another.
    expect(first).toMatchObject({ code: 0 });
    expect(JSON.parse(first.out)).toMatchObject({
      plan: { kind: 'planned', windows: 1, planned: 1 },
      complete: 1,
      failed: [],
      open: [],
    });
    expect(JSON.parse((await deployment.run(backfill)).out)).toMatchObject({
      plan: { windows: 1, planned: 0, alreadyDone: 1 },
      complete: 1,
    });

    // A window is complete before its record has passed the queue.
    const holds = async (): Promise<boolean> =>
      (await deployment.run(['verify', 'archive', ...range])).code === 0;
    await until('the archive holds', holds);

    const conversations = await served(simulator);
    expect(conversations.length).toBeGreaterThan(0);
    const asked = conversations
      .map((conversation) => ({
        id: conversation.conversationId,
        phone: /tel:(\+\d{8,15})/.exec(JSON.stringify(conversation))?.[1],
      }))
      .find(({ phone }) => phone !== undefined);
    if (asked?.phone === undefined) throw new Error('no conversation has a telephone address');
    const found = await deployment.run(['archive', 'find', '--phone', '-', '--json'], {}, asked.phone);
    const ids = (JSON.parse(found.out) as { conversations: { id: string }[] }).conversations.map(
      ({ id }) => id,
    );
    expect(ids).toContain(asked.id);

    const read = await deployment.run(['archive', 'get', asked.id]);
    expect(read.out).toContain(asked.id);
    expect(read.out).not.toContain(asked.phone.slice(-9));

    const reason = ['--reason', 'request 117', '--yes'];
    const erased = await deployment.run(['archive', 'erase', '--phone', '-', ...reason], {}, asked.phone);
    expect(erased.code).toBe(0);
    expect((await deployment.run(['archive', 'get', asked.id])).code).toBe(1);
    expect((await deployment.run(['archive', 'find', '--phone', asked.phone])).code).toBe(1);
    await until('the archive holds without them', holds);
    const { counts } = (await deployment.manifests.read(`BATCH_${day.replaceAll('-', '')}`))?.manifest ?? {};
    expect(counts).toEqual({
      conversations: conversations.length - ids.length,
      deadLettered: 0,
      erased: ids.length,
      missingTexts: 0,
    });
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}, 300_000);

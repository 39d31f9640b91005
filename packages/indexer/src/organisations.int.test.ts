import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDigests, refresh } from '@trunkline/elasticsearch-sink';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventText, idOf, TestPipeline, until } from './indexer.fixture.ts';

let pipeline: TestPipeline;
let file: string;

beforeEach(async () => {
  pipeline = new TestPipeline();
  file = join(tmpdir(), `${pipeline.deployment}.yaml`);
  const prefix = `${pipeline.deployment}-us-`;
  await writeFile(
    file,
    `organisations: [{ id: acme_eu, audit: { retentionDays: 30 } }, { id: acme_us, audit: { indexPrefix: ${prefix} } }]`,
  );
});

afterEach(async () => {
  await pipeline[Symbol.asyncDispose]();
  await rm(file);
});

async function idsIn(prefix: string): Promise<string[]> {
  await refresh(pipeline.elasticsearch, `${prefix}*`);
  const ids: string[] = [];
  const range = { indexPattern: `${prefix}*`, from: null, to: null };
  for await (const { id } of readDigests(pipeline.elasticsearch, range)) ids.push(id);
  return ids.sort();
}

async function aliasesOf(prefix: string): Promise<string[]> {
  const answer = (await pipeline.ask('GET', `/${prefix}*/_alias`)) as Record<string, { aliases: object }>;
  return [...new Set(Object.values(answer).flatMap(({ aliases }) => Object.keys(aliases)))];
}

describe('two organisations', () => {
  test("have their events in indices of their own, also where ids and texts are the same, and each one's dead letters", async () => {
    const shared = [eventText(), eventText({ date: 'nonsense' })];
    const ofEurope = eventText();
    await pipeline.repair('acme_eu', [...shared, ofEurope, 'null']);
    await pipeline.repair('acme_us.history', [...shared, 'null']);
    await pipeline.start({ ORGANISATIONS_FILE: file });
    await until('the queue is empty', async () => (await pipeline.queue.count()) === 0);
    await until('nothing is in hand', async () => (await pipeline.queue.getActiveCount()) === 0);
    const [europe, america] = [`${pipeline.indexPrefix}acme_eu-`, `${pipeline.deployment}-us-`];
    expect(await idsIn(europe)).toEqual([...shared, ofEurope].map(idOf).sort());
    expect(await idsIn(america)).toEqual(shared.map(idOf).sort());
    expect(await idsIn(`${europe}undated`)).toEqual([idOf(shared[1] as string)]);
    expect(await aliasesOf(europe)).toEqual([`${pipeline.deployment}-logs-acme_eu`]);
    expect(await aliasesOf(america)).toEqual([`${pipeline.deployment}-logs-acme_us`]);
    await refresh(pipeline.elasticsearch, `${pipeline.deployment}-dead-letters`);
    const { letters } = await pipeline.letters.list({ code: 'AUDIT_EVENT_MALFORMED' });
    expect(letters.map(({ stream }) => stream).sort()).toEqual(['acme_eu', 'acme_us.history']);
  });

  test('are all that there are: a batch of a third one waits, and is told', async () => {
    const { service } = await pipeline.start({ ORGANISATIONS_FILE: file });
    const jobId = await pipeline.repair('acme_asia', [eventText()]);
    await until('it waits', async () => (await pipeline.queue.getJobState(jobId)) === 'delayed');
    expect((await pipeline.queue.getJob(jobId))?.attemptsMade).toBe(0);
    expect(service.health.problems().join()).toMatch(/knows no organisation acme_asia/);
  });
});

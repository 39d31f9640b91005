import { archiveComplianceJobId, deadLetterJobId } from '@trunkline/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { logIn, post } from '../dashboard.fixture.ts';
import { type Letters, secrets, startLetters } from './letters.fixture.ts';

let letters: Letters;
let ana: string;
let vera: string;

beforeAll(async () => {
  letters = await startLetters({
    redisUrl: inject('redisUrl'),
    elasticsearchUrl: inject('elasticsearchUrl'),
  });
  ana = await logIn(letters.dashboard, 'ana');
  vera = await logIn(letters.dashboard, 'vera');
});

afterAll(() => letters[Symbol.asyncDispose]());

let n = 0;
/** An event id that no other test has. */
let id: string;
beforeEach(() => {
  n += 1;
  id = `event-${n}`;
});

async function see(path: string, cookie = vera): Promise<{ status: number; text: string }> {
  const answer = await fetch(letters.dashboard.url + path, {
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
  });
  return { status: answer.status, text: await answer.text() };
}

function act(path: string, form: Record<string, string>, cookie = ana): Promise<Response> {
  return post(letters.dashboard, path, form, { cookie });
}

function told(fields: Record<string, unknown>): void {
  expect(letters.dashboard.log).toContainEqual(expect.objectContaining(fields));
}

describe('of audit events', () => {
  test('are listed by reason, with the field and without a value', async () => {
    const refused = await letters.auditLetter(id);
    const conflict = await letters.auditLetter(`${id}-b`, 'AUDIT_ID_CONFLICT', null);
    const all = await see('/dead-letters/audit');
    expect(all.text).toContain(refused);
    expect(all.text).toContain('context.clientIp');
    expect(all.text).not.toContain(secrets.user);
    const { text } = await see('/dead-letters/audit?code=AUDIT_ID_CONFLICT');
    expect(text).toContain(conflict);
    expect(text).not.toContain(`>${refused}<`);
  });

  test('show the shape of the event; its values to an operator alone, who then stands in the access log', async () => {
    const letter = await letters.auditLetter(id);
    const shown = await see(`/dead-letters/audit/${letter}`);
    expect(shown.text).toContain('string of 12 characters');
    expect(shown.text).not.toContain(secrets.user);
    expect(shown.text).not.toContain('/reveal');

    const refused = await act(`/dead-letters/audit/${letter}/reveal`, {}, vera);
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain(secrets.user);
    told({ event: 'access.refused', user: 'vera' });

    const revealed = await act(`/dead-letters/audit/${letter}/reveal`, {});
    expect(await revealed.text()).toContain(secrets.user);
    expect(revealed.headers.get('cache-control')).toBe('no-store');
    told({ event: 'access.operator-action', user: 'ana', action: 'reveal', outcome: 'done' });
    expect((await see('/access-log', ana)).text).toContain(`audit dead letter ${letter}`);
    expect(JSON.stringify(letters.dashboard.log)).not.toContain(secrets.user);
  });

  test('chosen ones are queued again, and what was done is told', async () => {
    const letter = await letters.auditLetter(id);
    const answer = await act('/dead-letters/audit/requeue', { scope: 'chosen', id: letter });
    expect(answer.headers.get('location')).toBe('/dead-letters/audit?requeued=1&skipped=0');
    const queue = letters.dashboard.queue('audit-dead-letter');
    expect(await queue.getJobState(deadLetterJobId(letter))).toBe('waiting');
    expect((await see('/dead-letters/audit?requeued=1&skipped=0', ana)).text).toContain(
      '1 dead letter queued again.',
    );
    told({ event: 'access.operator-action', user: 'ana', action: 'requeue', count: 1, ids: [letter] });
  });

  test('all of a reason are queued again, and no others', async () => {
    const conflicts = [
      await letters.auditLetter(id, 'AUDIT_EVENT_TOO_LARGE'),
      await letters.auditLetter(`${id}-b`, 'AUDIT_EVENT_TOO_LARGE'),
    ];
    const other = await letters.auditLetter(`${id}-c`);
    const form = { scope: 'all', code: 'AUDIT_EVENT_TOO_LARGE' };
    const answer = await act('/dead-letters/audit/requeue', form);
    expect(answer.headers.get('location')).toBe('/dead-letters/audit?code=AUDIT_EVENT_TOO_LARGE');
    const { text } = await see('/dead-letters/audit/run', ana);
    expect(text).toContain('Done: queueing again audit dead letters, all of AUDIT_EVENT_TOO_LARGE.');
    expect(text).toMatch(/\b2 of about \d+ queued again/);
    told({ action: 'requeue', outcome: 'begun' });
    told({ action: 'requeue', outcome: 'done', count: 2 });
    const queue = letters.dashboard.queue('audit-dead-letter');
    const states = await Promise.all(
      [...conflicts, other].map((letter) => queue.getJobState(deadLetterJobId(letter))),
    );
    expect(states).toEqual(['waiting', 'waiting', 'failed']);
  });

  test('are discarded with a reason, which is kept with who decided', async () => {
    const letter = await letters.auditLetter(id);
    const without = await act('/dead-letters/audit/discard', { scope: 'chosen', id: letter, reason: ' ' });
    expect(without.status).toBe(400);
    expect((await letters.index.get(letter))?.status).toBe('open');

    await act('/dead-letters/audit/discard', { scope: 'chosen', id: letter, reason: 'sent twice' });
    expect(await letters.index.get(letter)).toMatchObject({
      status: 'discarded',
      discardReason: 'sent twice',
      by: 'ana',
    });
    const queue = letters.dashboard.queue('audit-dead-letter');
    expect(await queue.getJob(deadLetterJobId(letter))).toBeUndefined();
    told({ action: 'discard', reason: 'sent twice' });
    expect((await see('/access-log', ana)).text).toContain('sent twice');
    const again = await act('/dead-letters/audit/discard', { scope: 'chosen', id: letter, reason: 'again' });
    expect(again.headers.get('location')).toContain('discarded=0&skipped=1');
  });

  test('cannot all be discarded at once, nor by a viewer', async () => {
    const letter = await letters.auditLetter(id);
    expect((await act('/dead-letters/audit/discard', { scope: 'all', reason: 'why not' })).status).toBe(400);
    for (const action of ['requeue', 'discard']) {
      const form = { scope: 'chosen', id: letter, reason: 'x' };
      expect((await act(`/dead-letters/audit/${action}`, form, vera)).status).toBe(403);
    }
    expect((await letters.index.get(letter))?.status).toBe('open');
  });

  test('one that is not there is told so', async () => {
    expect((await see('/dead-letters/audit/nobody')).status).toBe(404);
  });
});

describe('of conversations', () => {
  test('are listed and shown without a word of them; revealed to an operator, on record', async () => {
    const letter = await letters.archiveLetter(n);
    const path = `/dead-letters/archive/${encodeURIComponent(letter)}`;
    expect((await see('/dead-letters/archive?code=ARCHIVE_CONVERSATION_MALFORMED')).text).toContain(letter);
    const shown = await see(path, ana);
    expect(shown.text).toContain('ARCHIVE_CONVERSATION_MALFORMED');
    expect(shown.text).not.toContain(secrets.phone);
    expect((await act(`${path}/reveal`, {}, vera)).status).toBe(403);
    expect(await (await act(`${path}/reveal`, {})).text()).toContain(secrets.phone);
    told({ action: 'reveal', user: 'ana', pipeline: 'archive' });
  });

  test('are redacted again', async () => {
    const letter = await letters.archiveLetter(n);
    const answer = await act('/dead-letters/archive/requeue', { scope: 'chosen', id: letter });
    expect(answer.headers.get('location')).toBe('/dead-letters/archive?requeued=1&skipped=0');
    expect(await letters.dashboard.queue('archive-dead-letter').getJobState(letter)).toBe('waiting');
  });

  test('are discarded for good: on the compliance record first, then nothing of the text is left', async () => {
    const letter = await letters.archiveLetter(n);
    const form = { scope: 'chosen', id: letter, reason: 'a test call' };
    expect((await act('/dead-letters/archive/discard', form)).headers.get('location')).toContain(
      'discarded=1',
    );
    const { dashboard } = letters;
    expect(await dashboard.queue('archive-dead-letter').getJob(letter)).toBeUndefined();
    const recordId = `BATCH_20261121_chat+voice-DISCARD-${letter}`.replace(
      /^BATCH[^-]*/,
      letter.split('-')[0] ?? '',
    );
    const record = await dashboard.queue('archive-compliance').getJob(archiveComplianceJobId(recordId));
    expect(record?.data).toMatchObject({
      status: 'FAILURE',
      errorCode: 'ARCHIVE_CONVERSATION_MALFORMED',
      details: { discarded: true, by: 'ana', reason: 'a test call' },
    });
    expect((await act(`/dead-letters/archive/${encodeURIComponent(letter)}/reveal`, {})).status).toBe(404);
  });
});

test('a dashboard that is not told of index and stage says so, and shows what the queue knows', async () => {
  const bare = await startLetters(
    { redisUrl: inject('redisUrl'), elasticsearchUrl: inject('elasticsearchUrl') },
    { ELASTICSEARCH_URL: '', STAGE_URL: '', PAYLOAD_KEY: '' },
  );
  try {
    const cookie = await logIn(bare.dashboard, 'ana');
    const answer = await fetch(`${bare.dashboard.url}/dead-letters/audit`, {
      headers: { cookie, accept: 'text/html' },
    });
    expect([answer.status, await answer.text()]).toEqual([
      200,
      expect.stringContaining('Set ELASTICSEARCH_URL'),
    ]);
  } finally {
    await bare[Symbol.asyncDispose]();
  }
});

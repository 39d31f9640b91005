import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FaultPlan } from '../faults/fault-plan.ts';
import { jsonReply } from '../http/reply.ts';
import { expansion, platformRoute, refused, wholeNumber } from './platform-route.ts';

const route = platformRoute({
  method: 'POST',
  path: '/api/v2/things/{id}',
  route: 'audits-query',
  access: { kind: 'bearer', permissions: [] },
  query: z.strictObject({ pageSize: wholeNumber(1, 500).default(25), expand: expansion('user', 'client') }),
  body: z.strictObject({ name: z.string() }),
  answer: ({ params, query, body }) =>
    body.name === 'no' ? refused('name', 'It is not to be no.') : jsonReply(200, { params, query, body }),
});

async function answer(search: string, body: string, contentType = 'application/json') {
  const reply = await route.answer({
    params: { id: '1' },
    query: undefined,
    body: undefined,
    request: {
      method: 'POST',
      path: '/api/v2/things/1',
      query: new URLSearchParams(search),
      headers: { 'content-type': contentType },
      body: Buffer.from(body),
    },
    strike: new FaultPlan([1, 2, 3, 4]).begin('audits-query'),
    at: 0,
  });
  return [reply.status, 'body' in reply ? JSON.parse(reply.body.toString()) : null];
}

describe('a route of the platform', () => {
  it('hands on what it was sent, with its defaults', async () => {
    expect(await answer('', '{"name":"yes"}')).toEqual([
      200,
      { params: { id: '1' }, query: { pageSize: 25, expand: [] }, body: { name: 'yes' } },
    ]);
    const [, told] = await answer('pageSize=500&expand=user&expand=client', '{"name":"yes"}');
    expect(told).toMatchObject({ query: { pageSize: 500, expand: ['user', 'client'] } });
  });

  it.each([
    ['pageSize=501', '{"name":"yes"}', 'pageSize'],
    ['pageSize=0', '{"name":"yes"}', 'pageSize'],
    ['pageSize=many', '{"name":"yes"}', 'pageSize'],
    ['pagesize=10', '{"name":"yes"}', 'pagesize'],
    ['expand=users', '{"name":"yes"}', 'expand'],
    ['', '{"name":"yes","names":1}', 'names'],
    ['', '{"name":1}', 'name'],
    ['', '[]', 'body'],
    ['', '{"name":"no"}', 'name'],
  ])('answers 400 that names what is wrong: ?%s %s', async (search, body, fieldName) => {
    const [status, told] = await answer(search, body);
    expect([status, told]).toMatchObject([400, { details: [{ fieldName }] }]);
  });

  it('takes nothing but JSON', async () => {
    expect(await answer('', '{')).toMatchObject([400, { code: 'invalid.json' }]);
    expect(await answer('', 'name=yes', 'text/plain')).toMatchObject([415, {}]);
  });
});

import { describe, expect, it } from 'vitest';
import type { ReceivedRequest } from '../http/received-request.ts';
import { PresignedLinks } from './presigned-links.ts';
import { storedObject } from './stored-object.ts';

const asked = (url: string, headers: ReceivedRequest['headers'] = {}): ReceivedRequest => {
  const { pathname, searchParams, host } = new URL(url);
  return {
    method: 'GET',
    path: pathname,
    query: searchParams,
    headers: { host, ...headers },
    body: Buffer.alloc(0),
  };
};
const FIRST = asked('http://proxy.example:81/api');

describe('a presigned link', () => {
  let nowMs = 1_000_000;
  const links = new PresignedLinks('key', () => nowMs);

  it('leads to the host that was asked, and is good for its lifetime', () => {
    const url = links.sign(FIRST, 'audits/one.json', 60);
    expect(url).toMatch(/^http:\/\/proxy\.example:81\/presigned\/audits\/one\.json\?/);
    expect(links.refusal(asked(url))).toBeNull();
    nowMs += 60_000;
    const late = links.refusal(asked(url));
    expect([late?.status, late?.body.toString()]).toEqual([
      403,
      expect.stringContaining('Request has expired'),
    ]);
  });

  it('is good for its own path only, and for nobody who sends a bearer token', () => {
    const url = links.sign(FIRST, 'audits/one.json', 60);
    expect(links.refusal(asked(url.replace('one', 'two')))?.status).toBe(403);
    expect(links.refusal(asked(url.replace('Expires=60', 'Expires=61')))?.status).toBe(403);
    expect(links.refusal(asked(`${url}0`))?.status).toBe(403);
    const bearing = links.refusal(asked(url, { authorization: 'Bearer x' }));
    expect([bearing?.status, bearing?.body.toString()]).toEqual([
      400,
      expect.stringContaining('Only one auth'),
    ]);
  });

  it('expires with all others when it is told to', () => {
    const url = links.sign(FIRST, 'audits/one.json', 60);
    links.expire();
    expect(links.refusal(asked(url))?.status).toBe(403);
    nowMs += 1;
    expect(links.refusal(asked(links.sign(FIRST, 'audits/one.json', 60)))).toBeNull();
  });
});

describe('a stored object', () => {
  const object = { body: Buffer.from('0123456789'), contentType: 'text/plain' };
  const deliver = () => () => {};
  const get = (headers: ReceivedRequest['headers'] = {}) =>
    storedObject(asked('http://a/b', headers), object, deliver);

  it('is served whole or in part, and tells of its delivery with its last byte', () => {
    const whole = get();
    expect(whole).toMatchObject({ status: 200, body: object.body, deliver });
    const etag = whole.headers['ETag'] ?? '';
    expect(get({ range: 'bytes=4-' })).toMatchObject({
      status: 206,
      headers: { 'Content-Range': 'bytes 4-9/10' },
      deliver,
    });
    const middle = get({ range: 'bytes=4-5', 'if-range': etag });
    expect([middle.status, middle.body.toString(), middle.deliver]).toEqual([206, '45', undefined]);
  });

  it('is served whole where it is another than the client began with, and not at all behind its end', () => {
    expect(get({ range: 'bytes=4-', 'if-range': '"other"' }).status).toBe(200);
    expect(get({ range: 'bytes=10-' })).toMatchObject({
      status: 416,
      headers: { 'Content-Range': 'bytes */10' },
    });
  });
});

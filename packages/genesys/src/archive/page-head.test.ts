import { describe, expect, it } from 'vitest';
import { contentLength, contentRange, sameRepresentation, strongEtag } from './page-head.ts';

describe('contentRange', () => {
  it.each([
    ['bytes 5-9/10', { from: 5, to: 9, total: 10 }],
    ['bytes 0-0/*', { from: 0, to: 0, total: null }],
  ])('reads %s', (header, range) => {
    expect(contentRange(header)).toEqual(range);
  });

  it.each([undefined, '', 'bytes */10', 'bytes 5-4/10', 'bytes 5-10/10', 'items 0-1/2', 'bytes 0-1'])(
    'takes %j for none',
    (header) => {
      expect(contentRange(header)).toBeNull();
    },
  );
});

describe('strongEtag', () => {
  it('takes what can stand in If-Range alone', () => {
    expect(strongEtag(' "a-1" ')).toBe('"a-1"');
    expect(strongEtag('""')).toBe('""');
    for (const header of [undefined, '', 'a-1', 'W/"a-1"', '"a"b"', '"a b"'])
      expect(strongEtag(header)).toBeNull();
  });
});

describe('contentLength', () => {
  it('is a number or unknown', () => {
    expect(contentLength('0')).toBe(0);
    expect(contentLength(' 12 ')).toBe(12);
    for (const header of [undefined, '', '-1', '1.5', '12, 12']) expect(contentLength(header)).toBeNull();
  });
});

describe('sameRepresentation', () => {
  const head = { etag: '"1"', length: 10, sha256: 'aa', nextPage: null };

  it('wants the same tag, and nothing that differs', () => {
    expect(sameRepresentation(head, { ...head, nextPage: 'p2' })).toBe(true);
    expect(sameRepresentation(head, { ...head, length: null, sha256: null })).toBe(true);
    expect(sameRepresentation(head, { ...head, etag: '"2"' })).toBe(false);
    expect(sameRepresentation(head, { ...head, length: 11 })).toBe(false);
    expect(sameRepresentation(head, { ...head, sha256: 'bb' })).toBe(false);
    expect(sameRepresentation({ ...head, etag: null }, { ...head, etag: null })).toBe(false);
  });
});

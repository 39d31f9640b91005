import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bracketedWaitMs, httpDateMs, retryAfterMs } from './retry-after.ts';

const now = Date.UTC(1994, 10, 6, 8, 49, 30);

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 7_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 7_000],
    ['Sun Nov  6 08:49:37 1994', 7_000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
  ])('reads %j', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });

  it.each([null, '', '-1', '1.5', 'soon', '1994-11-06T08:49:37Z', 'Sun, 99 Nov 1994 08:49:37 GMT'])(
    'counts %j as absent',
    (header) => {
      expect(retryAfterMs(header, now)).toBeNull();
    },
  );

  it('never throws, and never asks for less than nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.date({ noInvalidDate: true }), (header, date) => {
        const ms = retryAfterMs(header, date.getTime());
        expect(ms === null || ms >= 0).toBe(true);
      }),
    );
  });
});

describe('bracketedWaitMs', () => {
  const retryAfter = 'too.many.requests.retry.after';

  it.each([
    [retryAfter, 'Rate limit of [300] requests exceeded. Retry the request in [12] seconds', 12_000],
    [retryAfter, 'Wait [7]', 7_000],
    [null, 'Please retry in [90] seconds.', 90_000],
    ['too.many.requests', 'Rate limit exceeded the maximum. [300] requests within [60] seconds', null],
    [retryAfter, 'Slow down', null],
  ])('reads %s: %s', (code, text, ms) => {
    expect(bracketedWaitMs({ code, text })).toBe(ms);
  });
});

describe('httpDateMs', () => {
  it('reads what toUTCString writes', () => {
    fc.assert(
      fc.property(
        fc.date({ noInvalidDate: true, min: new Date('1970-01-01'), max: new Date('2999-01-01') }),
        (date) => {
          expect(httpDateMs(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { nextLookAt, textTerms } from './text-wait.ts';

const now = Date.parse('2026-01-20T00:00:00Z');
const hour = 3_600_000;
const week = 7 * 24 * hour;
const release = { by: 'ada@host', reason: 'ticket 7', at: '2026-01-19T00:00:00.000Z' };

describe('a window', () => {
  it.each([
    ['that was never held back waits for its texts', null, week, 'none'],
    ['waits for as long as is set', now - week + 1, week, 'none'],
    ['goes on then without what Genesys does not give', now - week, week, 'not-given'],
    ['waits for a person where that is set', now - 100 * week, null, 'none'],
  ])('%s', (_name, since, waitMs, missing) => {
    expect(textTerms({ release: null, since, waitMs }, now).missing).toBe(missing);
  });

  it('goes on without any by the decision of a person, however long it waited', () => {
    expect(textTerms({ release, since: null, waitMs: null }, now)).toEqual({ missing: 'any', release });
  });

  it.each([
    ['ten minutes after the first time', now, week, hour / 6],
    ['less often the longer it waits', now - 24 * hour, week, 2 * hour],
    ['every six hours at last', now - 6 * 24 * hour, null, 6 * hour],
    ['when it may go on', now - week + hour, week, hour],
    ['at once where it may already', now - 2 * week, week, 1_000],
  ])('is looked at again %s', (_name, since, waitMs, after) => {
    expect(nextLookAt(since, waitMs, now)).toBe(now + after);
  });
});

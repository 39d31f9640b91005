import { describe, expect, it } from 'vitest';
import type { RowObject } from './analytics-row.ts';
import {
  asksForMediaAlone,
  conversationFilterSchema,
  type Filters,
  passes,
  passesByMedia,
  segmentFilterSchema,
} from './predicate.ts';

const segment = { segmentType: 'interact', segmentStart: 'a', segmentEnd: 'b' };
const session = (mediaType: string, talk: number, more: object = {}) => ({
  sessionId: mediaType,
  mediaType,
  metrics: [{ name: 'tTalk', value: talk, emitDate: 'b' }],
  segments: [{ ...segment, ...more }],
});
const row: RowObject = {
  conversationId: 'one',
  conversationStart: 'a',
  divisionIds: ['home', 'other'],
  participants: [
    { participantId: 'p', purpose: 'customer', sessions: [session('callback', 0), session('voice', 20)] },
    {
      participantId: 'q',
      purpose: 'agent',
      userId: 'ann',
      sessions: [session('voice', 90, { wrapUpCode: 'w' })],
    },
  ],
};

function filters(segmentFilters: object[], conversationFilters: object[] = []): Filters {
  return {
    segmentFilters: segmentFilters.map((filter) => segmentFilterSchema.parse(filter)),
    conversationFilters: conversationFilters.map((filter) => conversationFilterSchema.parse(filter)),
  };
}

const is = (dimension: string, value: string) => ({ dimension, value });
const talks = (range: object) => ({ type: 'metric', metric: 'tTalk', range });

describe('filters', () => {
  it.each<[boolean, object[]]>([
    [true, [{ type: 'or', predicates: [is('mediaType', 'chat'), is('mediaType', 'callback')] }]],
    [false, [{ type: 'and', predicates: [is('mediaType', 'chat')] }]],
    // One segment has to be all of it.
    [true, [{ type: 'and', predicates: [is('purpose', 'agent'), is('wrapUpCode', 'w')] }]],
    [false, [{ type: 'and', predicates: [is('purpose', 'customer'), is('wrapUpCode', 'w')] }]],
    [
      false,
      [
        { type: 'or', predicates: [is('userId', 'ann')] },
        { type: 'or', predicates: [is('mediaType', 'callback')] },
      ],
    ],
    [true, [{ type: 'and', predicates: [talks({ gte: 90, lt: 91 })] }]],
    [false, [{ type: 'and', predicates: [talks({ gt: 90 })] }]],
    [true, [{ type: 'and', predicates: [{ dimension: 'userId', operator: 'notExists' }] }]],
    [false, [{ type: 'and', predicates: [{ dimension: 'roomId', operator: 'exists' }] }]],
    [
      true,
      [
        {
          type: 'and',
          predicates: [is('mediaType', 'voice')],
          clauses: [{ type: 'or', predicates: [is('userId', 'bob'), is('userId', 'ann')] }],
        },
      ],
    ],
  ])('are %s of a row: %j', (expected, segmentFilters) => {
    expect(passes(filters(segmentFilters), row)).toBe(expected);
  });

  it('look at the conversation as a whole', () => {
    const division = (value: string) => [{ type: 'and', predicates: [is('divisionId', value)] }];
    expect(passes(filters([], division('other')), row)).toBe(true);
    expect(passes(filters([], division('third')), row)).toBe(false);
  });

  it('that ask for media types alone need no row', () => {
    const media = filters([{ type: 'or', predicates: [is('mediaType', 'chat'), is('mediaType', 'voice')] }]);
    expect(asksForMediaAlone(media)).toBe(true);
    expect(passesByMedia(media, ['callback', 'voice'])).toBe(true);
    expect(passesByMedia(media, ['email'])).toBe(false);
    expect(asksForMediaAlone(filters([{ type: 'or', predicates: [is('purpose', 'agent')] }]))).toBe(false);
  });
});

import type { Models } from 'purecloud-platform-client-v2';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { strayFromModel } from '../../testing/sdk-models.ts';
import { jobSchema, querySchema } from './search-schema.ts';

const interval = '2026-03-13T00:00:00Z/2026-03-14T00:00:00Z';
const by = (value: string, more: object = {}) => ({ dimension: 'mediaType', value, ...more });
const filtered = (predicate: object) => ({
  interval,
  segmentFilters: [{ type: 'or', predicates: [predicate] }],
});

describe('the schemas of details queries', () => {
  it('accept what the models of the SDK allow, and nothing beyond', () => {
    expect(strayFromModel(querySchema, 'ConversationQuery')).toEqual([]);
    expect(strayFromModel(jobSchema, 'AsyncConversationQuery')).toEqual([]);
  });

  it('know every member of the models', () => {
    expectTypeOf<keyof z.input<typeof querySchema>>().toEqualTypeOf<keyof Models.ConversationQuery>();
    expectTypeOf<keyof z.input<typeof jobSchema>>().toEqualTypeOf<keyof Models.AsyncConversationQuery>();
  });

  it.each<[string, object]>([
    ['no interval', {}],
    ['a date in place of a time', { interval: '2026-03-13/2026-03-14' }],
    ['an interval of 32 days', { interval: '2026-03-01T00:00:00Z/2026-04-02T00:00:00Z' }],
    ['an interval that ends before it begins', { interval: '2026-03-14T00:00:00Z/2026-03-13T00:00:00Z' }],
    ["the guide's members", { interval, from: '2026-03-13T00:00:00Z', size: 100 }],
    ['half a paging', { interval, paging: { pageSize: 100 } }],
    ['a page of 101', { interval, paging: { pageSize: 101, pageNumber: 1 } }],
    ['page 0', { interval, paging: { pageSize: 100, pageNumber: 0 } }],
    ['an order of its own', { interval, order: 'ascending' }],
    ['a filter without a type', { interval, segmentFilters: [{ predicates: [by('voice')] }] }],
    ['a filter without predicates', { interval, segmentFilters: [{ type: 'or' }] }],
    ['an operator "in"', filtered(by('voice', { operator: 'in' }))],
    ['a list of values', filtered({ dimension: 'mediaType', values: ['voice', 'chat'] })],
    ['an unknown media type', filtered(by('phone'))],
    ['an unknown dimension', filtered({ dimension: 'customer', value: 'x' })],
    ['a dimension in a range', filtered({ dimension: 'mediaType', range: { gt: 1 } })],
    ['nothing to match', filtered({ dimension: 'mediaType' })],
    ['a value that is to exist', filtered(by('voice', { operator: 'exists' }))],
  ])('refuse %s', (_, body) => {
    expect(querySchema.safeParse(body).success).toBe(false);
  });

  it('take what each of the two knows', () => {
    expect(querySchema.safeParse({ interval, aggregations: [] }).success).toBe(true);
    expect(jobSchema.safeParse({ interval, limit: 10, startOfDayIntervalMatching: true }).success).toBe(true);
    expect(jobSchema.safeParse({ interval, paging: { pageSize: 100, pageNumber: 1 } }).success).toBe(false);
    expect(jobSchema.safeParse({ interval, aggregations: [] }).success).toBe(false);
    expect(querySchema.safeParse({ interval, limit: 10 }).success).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { WrittenValues } from './written-values.ts';

const datum = (type: 'PHONE' | 'EMAIL' | 'NAME', canonical: string, ...texts: string[]) => ({
  type,
  form: 'plain' as const,
  canonical,
  places: texts.map((text) => ({ pointer: '/transcripts/0', text })),
});

const values = WrittenValues.of([
  datum('PHONE', '+12125550142', '212-555', '0142'),
  datum('EMAIL', 'zoe.brandt@example.com', 'ZOE.BRANDT@example.com'),
  datum('NAME', 'Rosa Weber', 'Rosa Weber'),
]);

describe('personal data in a text', () => {
  test.for([
    ['as written', 'she said 212-555, and then'],
    ['in other case', 'zoe.brandt@EXAMPLE.com'],
    ['as digits alone', '{"n":"x12125550142y"}'],
    ['as the local part of an address', 'zoe.brandt [at] work'],
    ['as a name', '"name":"Rosa Weber"'],
  ] as const)('are found %s', ([, text]) => {
    expect(values.foundIn(text)).not.toEqual([]);
  });

  test.for([
    ['parts too short to mean anything', 'durationMs 0142'],
    ['a short value within a longer word', 'key 8212-5559'],
    ['tokens', 'PHONE-0123456789abcdef'],
  ] as const)('are not mistaken for %s', ([, text]) => {
    expect(values.foundIn(text)).toEqual([]);
  });

  test('are left out where they may stand', () => {
    expect(values.except(['call Rosa Weber back']).foundIn('Rosa Weber, 212-555')).toEqual([
      'PHONE:plain 212-555',
    ]);
  });
});

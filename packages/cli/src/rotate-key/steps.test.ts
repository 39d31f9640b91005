import { expect, test } from 'vitest';
import { type PayloadKeyState, payloadKeySteps, tokenizationKeySteps } from './steps.ts';

const rested: PayloadKeyState = {
  keys: [
    { id: 'aa', use: 'seals' },
    { id: 'bb', use: 'opens' },
  ],
  deadLetters: [{ id: 'aa', letters: 3, use: 'seals' }],
  moreDeadLetters: false,
  batches: 0,
  spooled: 0,
  archiveJobs: 0,
};

test('a new key opens everywhere before it seals anywhere', () => {
  const steps = payloadKeySteps({ ...rested, keys: [{ id: 'aa', use: 'seals' }] });
  expect(steps.findIndex((step) => step.includes('PAYLOAD_KEY=old,new'))).toBeLessThan(
    steps.findIndex((step) => step.includes('PAYLOAD_KEY=new,old')),
  );
});

test('an old key may go when nothing that waits was sealed with it, and no sooner', () => {
  expect(payloadKeySteps(rested)).toEqual([expect.stringContaining('Nothing that waits needs an old key')]);
  for (const waits of [
    { batches: 1 },
    { spooled: 1 },
    { archiveJobs: 1 },
    { moreDeadLetters: true },
    { deadLetters: [{ id: 'bb', letters: 1, use: 'opens' as const }] },
  ]) {
    const steps = payloadKeySteps({ ...rested, ...waits });
    expect(steps).toHaveLength(2);
    expect(steps.at(-1)).toMatch(/^Then drop it/);
  }
});

test('a key that is missing comes back first', () => {
  const steps = payloadKeySteps({ ...rested, deadLetters: [{ id: 'cc', letters: 1, use: 'not-set' }] });
  expect(steps).toEqual([expect.stringContaining('id cc back')]);
});

test('a new key of tokens gets another id', () => {
  expect(tokenizationKeySteps('k1').join(' ')).toContain('another than k1');
});

import { expect, it } from 'vitest';
import { PatientOutlet } from './patient-outlet.ts';

it('gives way to the tail and its spool: it takes half of the queue below the low-water mark', async () => {
  let depth = 0;
  const outlet = new PatientOutlet({ depth: async () => depth }, 1_000);
  expect(await outlet.choose()).toBe('queue');
  depth = 499;
  expect(await outlet.choose()).toBe('queue');
  depth = 500;
  expect(await outlet.choose()).toBe('none');
  expect(outlet.facts()).toEqual({ outlet: 'none' });
});

it('takes a batch at a time where there is no low-water mark', async () => {
  let depth = 0;
  const outlet = new PatientOutlet({ depth: async () => depth }, 0);
  expect(await outlet.choose()).toBe('queue');
  depth = 1;
  expect(await outlet.choose()).toBe('none');
});

import { describe, expect, it } from 'vitest';
import { SharedCall } from './shared-call.ts';

function controlled() {
  const runs: { signal: AbortSignal; resolve: (value: number) => void; reject: (error: unknown) => void }[] =
    [];
  const call = new SharedCall<number>(
    (signal) => new Promise((resolve, reject) => runs.push({ signal, resolve, reject })),
  );
  return { call, runs };
}

const never = new AbortController().signal;

describe('SharedCall', () => {
  it('gives all who ask meanwhile one result, and runs anew for who comes later', async () => {
    const { call, runs } = controlled();
    const both = Promise.all([call.join(never), call.join(never)]);
    runs[0]?.resolve(1);
    expect(await both).toEqual([1, 1]);
    const later = call.join(never);
    runs[1]?.resolve(2);
    expect(await later).toBe(2);
  });

  it('goes on for the others when one leaves, and is aborted when all have left', async () => {
    const { call, runs } = controlled();
    const [one, other] = [new AbortController(), new AbortController()];
    const results = Promise.allSettled([call.join(one.signal), call.join(other.signal)]);
    one.abort(new Error('one left'));
    await Promise.resolve();
    expect(runs[0]?.signal.aborted).toBe(false);
    other.abort(new Error('other left'));
    expect(await results).toMatchObject([
      { status: 'rejected', reason: { message: 'one left' } },
      { status: 'rejected', reason: { message: 'other left' } },
    ]);
    expect(runs[0]?.signal.aborted).toBe(true);
  });

  it('fails for all who wait, and tries again for the next', async () => {
    const { call, runs } = controlled();
    const results = Promise.allSettled([call.join(never), call.join(never)]);
    runs[0]?.reject(new Error('refused'));
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = call.join(never);
    runs[1]?.resolve(3);
    expect(await next).toBe(3);
  });
});

import { describe, expect, it } from 'vitest';
import { TokenSource } from './token.ts';

const never = new AbortController().signal;

function tokensWith(expiresInSeconds: number) {
  const clock = { ms: 1_000_000 };
  let issuedTokens = 0;
  const tokens = new TokenSource(
    async () => ({ accessToken: `t${++issuedTokens}`, expiresInSeconds, requestedAtMs: clock.ms }),
    () => clock.ms,
  );
  return { clock, tokens };
}

describe('a token is used', () => {
  it.each([
    [86_400, 86_340],
    [90, 30],
    [61, 1],
    [60, 30],
    [10, 5],
  ])('that lives %i s for %i s', async (expiresInSeconds, usedSeconds) => {
    const { clock, tokens } = tokensWith(expiresInSeconds);
    expect(await tokens.current(never)).toBe('t1');
    clock.ms += usedSeconds * 1000 - 1;
    expect(await tokens.current(never)).toBe('t1');
    clock.ms += 1;
    expect(await tokens.current(never)).toBe('t2');
  });

  it('until it is refused; a refusal of an older one changes nothing', async () => {
    const { tokens } = tokensWith(3600);
    await tokens.current(never);
    tokens.refuse('t1');
    expect(await tokens.current(never)).toBe('t2');
    tokens.refuse('t1');
    expect(await tokens.current(never)).toBe('t2');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLogin, ordinalAfter, visibleBefore } from './login.ts';
import { seedFrom } from './random.ts';

describe('the places of LOGIN events', () => {
  it('agree with counting them one by one', () => {
    const seed = seedFrom('count');
    let visible = 0;
    for (let ordinal = 0; ordinal < 1000; ordinal++) {
      expect(visibleBefore(seed, ordinal)).toBe(visible);
      if (!isLogin(seed, ordinal)) visible += 1;
    }
  });

  it('let a number of visible events be turned into ordinals and back', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat({ max: 10_000_000 }), (text, visible) => {
        const seed = seedFrom(text);
        const ordinal = ordinalAfter(seed, visible);
        expect(visibleBefore(seed, ordinal)).toBe(visible);
        if (ordinal > 0) expect(visibleBefore(seed, ordinal - 1)).toBe(visible - 1);
      }),
    );
  });
});

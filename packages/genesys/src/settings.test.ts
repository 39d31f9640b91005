import { describe, expect, it } from 'vitest';
import { guideApiBase } from './settings.ts';

describe('guideApiBase', () => {
  it.each([
    ['acme', 'https://acme.mypurecloud.com'],
    ['api.acme-2', 'https://api.acme-2.mypurecloud.com'],
  ])('of %s is %s', (subdomain, base) => {
    expect(guideApiBase(subdomain)).toBe(base);
  });

  it.each(['', 'acme.', '-acme', 'https://acme', 'acme/x', 'evil.example#'])('refuses %j', (subdomain) => {
    expect(() => guideApiBase(subdomain)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

import { describe, expect, test } from 'vitest';
import { allowsEverybody, enforcesTls } from './bucket-policy.ts';

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}
const denyPlain = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

describe('a policy', () => {
  test.each([
    ['denies everybody without TLS', policy(denyPlain), true],
    [
      'says so in other words',
      policy({
        ...denyPlain,
        Principal: { AWS: ['*'] },
        Condition: { Bool: { 'aws:SecureTransport': [false] } },
      }),
      true,
    ],
    ['denies one account only', policy({ ...denyPlain, Principal: { AWS: 'arn:aws:iam::1:root' } }), false],
    ['allows with TLS, and denies nothing', policy({ ...denyPlain, Effect: 'Allow' }), false],
    [
      'denies those with TLS',
      policy({ ...denyPlain, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
      false,
    ],
    ['is not there', null, false],
  ])('that %s', (_, text, expected) => {
    expect(enforcesTls(text)).toBe(expected);
  });

  test('allows everybody only without a condition', () => {
    const allow = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: '*' };
    expect(allowsEverybody(policy(allow))).toBe(true);
    expect(allowsEverybody(JSON.stringify({ Statement: allow }))).toBe(true);
    expect(
      allowsEverybody(policy({ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } })),
    ).toBe(false);
    expect(allowsEverybody(policy(denyPlain))).toBe(false);
  });
});

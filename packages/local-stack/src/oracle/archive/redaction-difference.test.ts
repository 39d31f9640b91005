import { describe, expect, test } from 'vitest';
import { redactionDifference } from './redaction-difference.ts';

const phone = 'PHONE-0123456789abcdef';
const mail = 'EMAIL-k1.fedcba9876543210';

describe('a redacted conversation', () => {
  test.for([
    ['nothing in it was replaced', '{"a":1.50,"b":[true,null]}', '{"a":1.50,"b":[true,null]}'],
    ['white space between its pieces is another', '{ "a" : 1 }', '{"a":1}'],
    ['values became tokens', '{"t":"call 212-555-0100 or a@b.c!"}', `{"t":"call ${phone} or ${mail}!"}`],
    ['a whole string became one', '{"t":"212 555 0100"}', `{"t":"${phone}"}`],
    ['a value stood in a name', '{"to 212 555 0100":1}', `{"to ${phone}":1}`],
    ['a number was a value', '{"ani":12125550100}', `{"ani":"${phone}"}`],
    ['a string is escaped otherwise around a token', '{"t":"\\u00e9 2125550100"}', `{"t":"é ${phone}"}`],
    ['its strings hold quotes and backslashes', '{"t":"\\\\","u":"\\""}', '{"t":"\\\\","u":"\\""}'],
  ] as const)('is unaltered where %s', ([, source, redacted]) => {
    expect(redactionDifference(source, redacted)).toBeNull();
  });

  test.for([
    ['a number lost digits', '{"a":9007199254740993}', '{"a":9007199254740992}'],
    ['a number is written otherwise', '{"a":1.50}', '{"a":1.5}'],
    ['a field is gone', '{"a":1,"b":2}', '{"a":1}'],
    ['a field came', '{"a":1}', '{"a":1,"b":2}'],
    ['a string changed without a token', '{"t":"one"}', '{"t":"two"}'],
    ['a string changed beside a token', '{"t":"one 2125550100"}', `{"t":"two ${phone}"}`],
    ['a string changed behind a token', '{"t":"2125550100 one"}', `{"t":"${phone} two"}`],
    ['a token was put in and nothing replaced', '{"t":"one"}', `{"t":"one${phone}"}`],
    ['a word became a string', '{"t":true}', `{"t":"${phone}"}`],
    ['a token stands for a whole story', `{"t":"${'la '.repeat(200)}"}`, `{"t":"${phone}"}`],
    ['it ends early', '{"t":[1,2]}', '{"t":[1,'],
  ] as const)('is altered where %s', ([, source, redacted]) => {
    expect(redactionDifference(source, redacted)).not.toBeNull();
  });

  test('is told of without what stands in it', () => {
    const told = redactionDifference('{"t":"my secret"}', '{"t":"another"}');
    expect(told).toMatch(/piece 4: a string/);
    expect(told).not.toMatch(/secret|another/);
  });
});

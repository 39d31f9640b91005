import { createHmac } from 'node:crypto';
import type { LedgerConversation, PersonalDatum } from '@trunkline/simulator';
import { describe, expect, test } from 'vitest';
import { tokenDifferences } from './token-difference.ts';

const key = 'k'.repeat(32);
const token = (type: string, canonical: string) =>
  `${type}-${createHmac('sha256', key).update(canonical).digest('hex').slice(0, 16)}`;

function datum(type: PersonalDatum['type'], form: PersonalDatum['form'], canonical: string, pointer: string) {
  return { type, form, canonical, claimed: true, written: canonical, places: [{ pointer, text: canonical }] };
}

const own = datum('PHONE', 'address', '+12125550100', '/ani');
const conversation = (...data: PersonalDatum[]) => ({ data }) as LedgerConversation;

describe('tokens', () => {
  test('are those of the canonical values', () => {
    const known = conversation(own, datum('EMAIL', 'plain', 'a@b.c', '/said/0'));
    const sound = { ani: token('PHONE', '+12125550100'), said: [`mail ${token('EMAIL', 'a@b.c')}!`] };
    expect(tokenDifferences(known, JSON.stringify(sound), key)).toEqual([]);
    const foreign = { ...sound, said: [`mail ${token('EMAIL', 'c@b.a')}!`] };
    expect(tokenDifferences(known, JSON.stringify(foreign), key)).toEqual(['EMAIL:plain at /said/0']);
    expect(tokenDifferences(known, JSON.stringify(sound), 'x'.repeat(32))).toHaveLength(2);
  });

  test('of numbers without a country are judged where the conversation is in their country', () => {
    const local = datum('PHONE', 'plain', '+13125550100', '/note');
    const redacted = JSON.stringify({ ani: token('PHONE', '+12125550100'), note: 'PHONE-0123456789abcdef' });
    expect(tokenDifferences(conversation(own, local), redacted, key)).toEqual(['PHONE:plain at /note']);
    const british = datum('PHONE', 'address', '+447712345678', '/ani');
    const abroad = JSON.stringify({ ani: token('PHONE', '+447712345678'), note: 'PHONE-0123456789abcdef' });
    expect(tokenDifferences(conversation(british, local), abroad, key)).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { Company } from './company.ts';

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('ordinary batches are in hand together', async () => {
  const company = new Company();
  const leave = await Promise.all([company.enter(false), company.enter(false), company.enter(false)]);
  expect(leave).toHaveLength(3);
});

test('a suspect batch waits until it is alone, and keeps others out while it runs', async () => {
  const company = new Company();
  const inside: string[] = [];
  const enter = async (name: string, alone: boolean): Promise<() => void> => {
    const leave = await company.enter(alone);
    inside.push(name);
    return () => {
      inside.splice(inside.indexOf(name), 1);
      leave();
    };
  };
  const leaveA = await enter('a', false);
  const suspect = enter('suspect', true);
  const later = enter('b', false);
  await soon();
  expect(inside).toEqual(['a']);
  expect(company.tryEnter(false)).toBeNull();
  leaveA();
  const leaveSuspect = await suspect;
  await soon();
  expect(inside).toEqual(['suspect']);
  leaveSuspect();
  await later;
  expect(inside).toEqual(['b']);
});

test('entering without waiting works only where there is nothing to wait for', () => {
  const company = new Company();
  const leave = company.tryEnter(false);
  expect(company.tryEnter(true)).toBeNull();
  leave?.();
  leave?.(); // leaving twice is leaving once
  const alone = company.tryEnter(true);
  expect(alone).not.toBeNull();
  expect(company.tryEnter(false)).toBeNull();
  alone?.();
  expect(company.tryEnter(false)).not.toBeNull();
});

import { expect, test } from 'vitest';
import { findJava, readJavaProperties } from './java.ts';

test.each([
  ['17', 17],
  ['21', 21],
  ['1.8', 8],
])('java.specification.version %s is Java %i', (text, major) => {
  const properties = `Property settings:\n    java.home = /opt/java with space\n    java.specification.version = ${text}\n`;
  expect(readJavaProperties(properties)).toEqual({ home: '/opt/java with space', major });
});

test('a program that is no Java is not taken for one', () => {
  expect(readJavaProperties('openjdk version "17.0.15"')).toBeNull();
});

test('where there is no Java, every place that was looked at is named', async () => {
  const answer = await findJava({ PATH: '/nowhere', JAVA_HOME: '/gone' });
  expect(answer).toEqual({
    java: null,
    found: ['JAVA_HOME: no java that starts', 'PATH: no java that starts'],
  });
});

import { expect, test } from 'vitest';
import { findPython, readPython } from './python.ts';

test('version and interpreter are read, whatever else was printed', () => {
  expect(readPython('a warning\n3.11 /opt/python with space/bin/python3\n')).toEqual({
    command: '/opt/python with space/bin/python3',
    version: '3.11',
  });
});

test('what does not tell its version is not taken for a Python 3', () => {
  expect(readPython('Python 3.11.2')).toBeNull();
  expect(readPython('2.7 /usr/bin/python')).toBeNull();
});

test('where there is no Python, that is said', async () => {
  expect(await findPython({ PATH: '/nowhere' })).toEqual({
    python: null,
    found: 'no python3 on PATH that starts',
  });
});

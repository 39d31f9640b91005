import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrunklineError } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  loadSettings,
  maskedSettings,
  optionalSetting,
  secondsAsMs,
  setting,
  settingsOf,
  settingsTable,
  wholeNumber,
} from './setting.ts';

const group = {
  port: setting({
    env: 'PORT',
    schema: wholeNumber(1, 65_535),
    default: '8080',
    summary: 'where it listens',
  }),
  name: setting({ env: 'NAME', schema: z.string(), summary: 'its name' }),
  nested: {
    key: setting({
      env: 'KEY',
      schema: z.string().min(4, 'is too short'),
      secret: true,
      summary: 'a secret',
    }),
    url: optionalSetting({ env: 'URL', schema: z.string(), summary: 'an address' }),
    wait: setting({ env: 'WAIT_SECONDS', schema: secondsAsMs(0.1), default: '5', summary: 'a wait' }),
    prefix: setting({ env: 'PREFIX', schema: z.string(), default: '', summary: 'a prefix, empty as a rule' }),
  },
};

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    loadSettings(group, env, (values) => (values.name === 'forbidden' ? ['NAME may not be that'] : []));
  } catch (error) {
    if (error instanceof TrunklineError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  return '';
}

describe('loadSettings', () => {
  it('reads values, defaults and what was left out', () => {
    expect(loadSettings(group, { NAME: 'n', KEY: 'secret', WAIT_SECONDS: '0.2' })).toEqual({
      port: 8080,
      name: 'n',
      nested: { key: 'secret', url: null, wait: 200, prefix: '' },
    });
  });

  it('names every problem in one message and no secret value', () => {
    const message = problemsOf({ PORT: '70000', KEY: 'abc', WAIT_SECONDS: 'soon' });
    expect(message).toContain('4 problems');
    expect(message).toContain('PORT must be at most 65535');
    expect(message).toContain('NAME is missing');
    expect(message).toContain('KEY is too short');
    expect(message).toContain('WAIT_SECONDS must be a number');
    expect(message).not.toContain('abc');
  });

  it('adds what a rule over several settings finds', () => {
    expect(problemsOf({ NAME: 'forbidden', KEY: 'secret' })).toContain('NAME may not be that');
  });

  it('reads a secret from a file and drops one trailing newline', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'settings-')), 'key');
    writeFileSync(file, 'from file\n\n');
    expect(loadSettings(group, { NAME: 'n', KEY_FILE: file }).nested.key).toBe('from file\n');
    expect(problemsOf({ NAME: 'n', KEY: 'secret', KEY_FILE: file })).toContain('both set');
    expect(problemsOf({ NAME: 'n', KEY_FILE: `${file}.gone` })).toContain(
      'KEY_FILE: the file cannot be read (ENOENT)',
    );
  });

  it('takes an empty variable as not set', () => {
    expect(problemsOf({ NAME: '', KEY: 'secret' })).toContain('NAME is missing');
  });
});

describe('showing settings', () => {
  it('masks secrets and passwords inside URLs', () => {
    const env = { NAME: 'redis://user:pass@host:1', KEY_FILE: '/run/secrets/key' };
    expect(maskedSettings(group, env)).toEqual({
      PORT: '8080',
      NAME: 'redis://***@host:1',
      KEY: '***',
      URL: null,
      WAIT_SECONDS: '5',
      PREFIX: null,
    });
  });

  it('makes a row of each setting', () => {
    const table = settingsTable(settingsOf(group));
    expect(table).toContain('| `PORT` | `8080` | where it listens |');
    expect(table).toContain('| `KEY` (or `_FILE`) | **required** | a secret |');
    expect(table).toContain('| `URL` |  | an address |');
  });
});

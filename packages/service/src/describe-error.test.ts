import { TrunklineError } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { describeError, withoutForeignText } from './describe-error.ts';

function parserError(): unknown {
  try {
    return JSON.parse('Jane Doe');
  } catch (error) {
    return error;
  }
}

describe('describeError', () => {
  it('never passes on the text of a foreign error, which may quote a payload', () => {
    const wrapped = new TrunklineError('GENESYS_REPLY_UNREADABLE', {
      message: 'The page cannot be read.',
      cause: parserError(),
    });
    const told = JSON.stringify([describeError(parserError()), describeError(wrapped)]);
    expect(String(parserError())).toContain('Jane');
    expect(told).not.toContain('Jane');
    expect(told).toContain('SyntaxError');
    expect(told).toContain('The page cannot be read.');
  });

  it('tells the text of a failed system call', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    expect(describeError(error)).toMatchObject({
      code: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED 127.0.0.1:1',
    });
  });

  it('takes anything that was thrown', () => {
    expect(describeError('Jane')).toMatchObject({ name: 'string', message: null });
  });
});

describe('withoutForeignText', () => {
  it('keeps our own errors and empties foreign ones', () => {
    const own = new TrunklineError('JOB_INVALID', { message: 'm' });
    expect(withoutForeignText(own)).toBe(own);
    const safe = withoutForeignText(parserError());
    expect(`${safe.message}${safe.stack}`).not.toContain('Jane');
    expect(safe.message).toContain('SyntaxError');
  });
});

import { describe, expect, it } from '@jest/globals';
import { NotificationRefusedError, refusal, withoutTrace } from './errors.js';

describe('a refusal', () => {
  it('tells why, and with which status to answer', () => {
    const error = refusal('bad_signature', 'The signature is wrong.');
    expect(error).toBeInstanceOf(NotificationRefusedError);
    expect(error).toMatchObject({ reason: 'bad_signature', httpStatus: 401, message: 'The signature is wrong.' });
  });

  it('costs no trace of the calls that led to it', () => {
    expect(refusal('stale', 'The timestamp is outside the allowed window.').stack).not.toMatch(/^\s+at /m);
  });
});

describe('withoutTrace', () => {
  it('leaves the traces of other errors as they are, also when nothing could be made', () => {
    const { stackTraceLimit } = Error;
    const fail = (): Error => {
      throw new TypeError('broken');
    };
    expect(() => withoutTrace(fail)).toThrow('broken');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(new Error('another').stack).toMatch(/^\s+at /m);
  });
});

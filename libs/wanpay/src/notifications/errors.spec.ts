import { describe, expect, it } from '@jest/globals';
import { NotificationRefusedError, refusal, toHttpException, withoutTrace } from './errors.js';

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

describe('the reply to a refusal', () => {
  it('is one and the same for a merchant that is not known and for a signature that is wrong', () => {
    const replies = (['unknown_merchant', 'bad_signature'] as const).map((reason) =>
      toHttpException(
        refusal(reason, reason === 'bad_signature' ? 'The signature is wrong.' : 'The merchant is not known here.'),
      ),
    );
    expect(replies[0]?.getResponse()).toEqual(replies[1]?.getResponse());
    expect(replies.map((reply) => reply.getStatus())).toEqual([401, 401]);
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

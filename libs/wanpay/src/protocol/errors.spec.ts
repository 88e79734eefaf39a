import { describe, expect, it } from '@jest/globals';
import { InvalidFieldError, MalformedMessageError, WanPayError } from './errors.js';

describe('WanPayError', () => {
  it('is the base of a malformed message, with a stable code and its own name', () => {
    const error = new MalformedMessageError('The reply is not JSON.');
    expect(error).toBeInstanceOf(WanPayError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'MalformedMessageError',
      code: 'malformed_message',
      message: 'The reply is not JSON.',
    });
  });

  it('is the base of an invalid field, which names the field', () => {
    const error = new InvalidFieldError('amount', 'must be a whole number.');
    expect(error).toBeInstanceOf(WanPayError);
    expect(error).toMatchObject({
      name: 'InvalidFieldError',
      code: 'invalid_field',
      field: 'amount',
      message: 'amount must be a whole number.',
    });
  });

  it('keeps a cause of its own kind as it is, and of any other what may be told', () => {
    const own = new MalformedMessageError('why');
    expect(new MalformedMessageError('what', { cause: own }).cause).toBe(own);
    const cause = Object.assign(new TypeError('why', { cause: new Error('first') }), {
      code: 'E',
      password: 'pa55word',
    });
    const error = new MalformedMessageError('what', { cause });
    expect(error.cause).toMatchObject({ name: 'TypeError', message: 'why', code: 'E', cause: new Error('first') });
    expect(error.cause).toHaveProperty('stack', cause.stack);
    expect(error.cause).not.toHaveProperty('password');
  });

  it('has no cause when there was none', () => {
    expect(new MalformedMessageError('what')).not.toHaveProperty('cause');
  });
});

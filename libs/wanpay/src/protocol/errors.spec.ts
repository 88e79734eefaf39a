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

  it('keeps its cause', () => {
    const cause = new Error('why');
    expect(new MalformedMessageError('what', { cause }).cause).toBe(cause);
  });
});

import { describe, expect, it } from '@jest/globals';
import { reasonOf } from './cause.js';
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

describe('the cause of an error, where somebody else threw it', () => {
  const causeOf = (cause: unknown): Error => {
    const error = new MalformedMessageError('what', { cause });
    if (!(error.cause instanceof Error)) throw new Error('There is no cause.');
    return error.cause;
  };

  it('is made safe once', () => {
    const safe = causeOf(new TypeError('why'));
    expect(causeOf(safe)).toBe(safe);
  });

  it.each([
    ['a text', 'refused', 'refused'],
    ['nothing', null, 'unknown failure'],
    ['a number', 7, 'unknown failure'],
    [
      'a function',
      function password(): undefined {
        return undefined;
      },
      'unknown failure',
    ],
    ['an object without words', {}, 'unknown failure'],
  ])('may be %s', (_, thrown, message) => {
    const cause = causeOf(thrown);
    expect(cause).toMatchObject({ name: 'Error', message, stack: `Error: ${message}` });
    expect(cause).not.toHaveProperty('cause');
    expect(cause).not.toHaveProperty('code');
  });

  it('has a name and a code only where they are text, and both are cleaned', () => {
    expect(causeOf({ name: 7, message: 'why', code: 7 })).toMatchObject({ name: 'Error', message: 'why' });
    expect(causeOf({ name: 7, message: 'why', code: 7 })).not.toHaveProperty('code');
    expect(causeOf({ name: 'Odd\nName', message: 'why', code: 'E\n1' })).toMatchObject({
      name: 'Odd Name',
      code: 'E 1',
    });
  });

  it('may be named anew by whoever logs it, as any error may', () => {
    expect(Object.assign(causeOf('why'), { name: 'Mine', stack: 'here' })).toMatchObject({
      name: 'Mine',
      stack: 'here',
    });
  });

  it('has four causes of its own at most, also where they go round in a circle', () => {
    const circle = new Error('round');
    circle.cause = circle;
    const chain: Error[] = [];
    for (let at: unknown = causeOf(circle); at instanceof Error; at = at.cause) chain.push(at);
    expect(chain).toHaveLength(5);
  });

  it('keeps the calls of its stack, and not the lines of its message', () => {
    const calls = Array.from({ length: 30 }, (_, i) => `    at call${i} (${'x'.repeat(400)})`);
    const stack = ['Error: first', 'look at this: pa55word', ...calls].join('\n');
    const [head, ...kept] = (causeOf({ message: 'first', stack }).stack ?? '').split('\n');
    expect(head).toBe('Error: first');
    expect(kept).toEqual(calls.slice(0, 20).map((call) => call.slice(0, 300)));
  });
});

describe('reasonOf', () => {
  it.each([
    ['a text', 'refused', 'refused'],
    ['a message', new Error('refused'), 'refused'],
    ['several failures', new AggregateError([new Error('one'), 'two'], ''), 'one; two'],
    ['a code alone', { message: '', code: 'ECONNREFUSED', name: 'Error' }, 'ECONNREFUSED'],
    ['a name alone', { message: 7, code: '', name: 'TimeoutError' }, 'TimeoutError'],
    ['a name beside a number', { code: 7, name: 'TimeoutError' }, 'TimeoutError'],
    ['empty words', { message: '', code: '', name: '' }, 'unknown failure'],
    ['nothing', undefined, 'unknown failure'],
    ['null', null, 'unknown failure'],
    [
      'a function',
      function password(): undefined {
        return undefined;
      },
      'unknown failure',
    ],
  ])('reads %s', (_, thrown, reason) => {
    expect(reasonOf(thrown)).toBe(reason);
  });

  it.each([
    ['a text', 'x'.repeat(20)],
    ['a message', { message: 'x'.repeat(20) }],
    ['several failures', { errors: ['x'.repeat(20)] }],
    ['a code', { code: 'x'.repeat(20) }],
  ])('cuts %s', (_, thrown) => {
    expect(reasonOf(thrown, 12)).toBe(`${'x'.repeat(11)}…`);
  });
});

describe('an error of another copy of this package', () => {
  /** The mark that every version puts on its errors. */
  const BRAND = Symbol.for('nestjs-wanpay/error/1');
  const foreign = ((): { readonly InvalidFieldError: new () => Error; readonly ab: new () => Error } => {
    class WanPayError extends Error {
      static {
        Object.defineProperty(this.prototype, BRAND, { value: true });
      }
    }
    class InvalidFieldError extends WanPayError {}
    class ab extends WanPayError {}
    return { InvalidFieldError, ab };
  })();

  it('is an instance of its class and of what that extends', () => {
    const error = new foreign.InvalidFieldError();
    expect(error instanceof InvalidFieldError).toBe(true);
    expect(error instanceof WanPayError).toBe(true);
    expect(error instanceof MalformedMessageError).toBe(false);
    expect(new MalformedMessageError('what', { cause: error }).cause).toBe(error);
  });

  it('is not taken for an instance by a name that a minifier made up', () => {
    class ab extends WanPayError {
      readonly code = 'ab';
    }
    expect(new ab('') instanceof ab).toBe(true);
    expect(new foreign.ab() instanceof ab).toBe(false);
    expect(new foreign.ab() instanceof WanPayError).toBe(true);
  });

  it('needs the mark, and is no class of this copy of the same name', () => {
    const unmarked = class InvalidFieldError extends Error {};
    const ours = class InvalidFieldError extends WanPayError {
      readonly code = 'other';
    };
    expect(new unmarked() instanceof InvalidFieldError).toBe(false);
    expect(new ours('') instanceof InvalidFieldError).toBe(false);
  });

  it.each([undefined, null, 'InvalidFieldError', 7, {}, (): void => undefined])('is never %p', (value) => {
    expect(value instanceof InvalidFieldError).toBe(false);
  });
});

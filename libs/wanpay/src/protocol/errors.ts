import { safeCause } from './cause.js';

/** Marks the errors of every copy of this package. A CommonJS host with a dependency in ES modules loads two. */
const BRAND = Symbol.for('nestjs-wanpay/error/1');
/** The longest name that a minifier may have made up: it says nothing about which class it is. */
const LONGEST_MADE_UP = 2;

/**
 * Base of every error this package throws on purpose.
 *
 * `code` is stable across versions and safe to switch on. The message says what to do and never holds a key,
 * a signature or a full bank account. The `cause` is another error of this package, or what may be told of somebody else's:
 * its name, code, message and stack.
 */
export abstract class WanPayError extends Error {
  abstract readonly code: string;

  static {
    // On the prototype, so that no log shows it.
    Object.defineProperty(this.prototype, BRAND, { value: true });
  }

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: tellable(options.cause) });
    this.name = new.target.name;
  }

  /** Holds for an error of the same class of another copy of this package, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (isOrdinaryInstance(this, value)) return true;
    return this.name.length > LONGEST_MADE_UP && isOfAnotherCopy(value) && classNamesOf(value).includes(this.name);
  }
}

function isOrdinaryInstance(constructor: unknown, value: unknown): boolean {
  return Reflect.apply(Function.prototype[Symbol.hasInstance], constructor, [value]);
}

function isOfAnotherCopy(value: unknown): value is object {
  return typeof value === 'object' && value !== null && BRAND in value && !isOrdinaryInstance(WanPayError, value);
}

function classNamesOf(value: object): readonly string[] {
  const names: string[] = [];
  for (let at = Reflect.getPrototypeOf(value); at && BRAND in at; at = Reflect.getPrototypeOf(at)) {
    names.push(at.constructor.name);
  }
  return names;
}

/** An error as it may be told: one of ours as it is, a stranger's without what it holds on to. */
export function tellable(error: unknown): Error {
  return error instanceof WanPayError ? error : safeCause(error);
}

/** A message, field or value does not have the form that the protocol gives it. */
export class MalformedMessageError extends WanPayError {
  readonly code = 'malformed_message';
}

/** A value that the caller wants to send is outside what the protocol allows (3.1.1): fix the value, nothing was sent. */
export class InvalidFieldError extends WanPayError {
  readonly code = 'invalid_field';

  constructor(
    /** The name of the offending option, as the caller wrote it. */
    readonly field: string,
    problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

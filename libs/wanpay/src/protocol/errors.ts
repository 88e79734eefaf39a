import { safeCause } from './cause.js';

/**
 * Base of every error this package throws on purpose.
 *
 * `code` is stable across versions and safe to switch on. The message says what to do and never holds a key,
 * a signature or a full bank account. The `cause` is another error of this package, or what may be told of somebody else's:
 * its name, code, message and stack.
 */
export abstract class WanPayError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options?.cause === undefined ? undefined : { cause: causeOf(options.cause) });
    this.name = new.target.name;
  }
}

function causeOf(cause: unknown): Error {
  return cause instanceof WanPayError ? cause : safeCause(cause);
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

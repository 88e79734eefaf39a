import { brand, isInstance } from './copies.js';

/**
 * Base of every error that the emulator throws on purpose.
 *
 * `code` is stable across versions and safe to switch on. The message never holds a merchant's key.
 */
export abstract class EmulatorError extends Error {
  abstract readonly code: string;

  static {
    brand(this.prototype);
  }

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }

  /** Holds for an error of the same class of another copy of this package, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isInstance(this, value);
  }
}

/** An option or argument is outside what the emulator can take: fix the value, nothing has changed. */
export class InvalidArgumentError extends EmulatorError {
  readonly code = 'invalid_argument';

  constructor(
    /** The name of the offending option or argument. */
    readonly argument: string,
    problem: string,
  ) {
    super(`${argument} ${problem}`);
  }
}

/** The emulator has no order of that number for that merchant. */
export class UnknownOrderError extends EmulatorError {
  readonly code = 'unknown_order';
}

/** The emulator has no merchant of that number. */
export class UnknownMerchantError extends EmulatorError {
  readonly code = 'unknown_merchant';
}

/** What was asked for cannot happen to an order in its present state, such as paying a paid order without `again`. */
export class OrderStateError extends EmulatorError {
  readonly code = 'order_state';
}

/** The platform has refused an order that was opened here, or a fault that is armed has: the message has its reply. */
export class OrderRefusedError extends EmulatorError {
  readonly code = 'order_refused';
}

/** No notification has been due for the order yet, or it has no `backurl`: there is nothing to send again. */
export class NothingToResendError extends EmulatorError {
  readonly code = 'nothing_to_resend';
}

/** The file that keeps the state cannot be read or written, or is not one of ours: the message says what to do. */
export class StateFileError extends EmulatorError {
  readonly code = 'state_file';
}

/** The session cannot be written as a script, since its beginning, or a part of a request, was forgotten. */
export class SessionForgottenError extends EmulatorError {
  readonly code = 'session_forgotten';
}

/** The address and port to listen on are taken, or may not be used. */
export class ListenError extends EmulatorError {
  readonly code = 'listen_failed';
}

/** The code of an error of the operating system, such as `ECONNREFUSED`; undefined for any other. */
export function systemErrorCode(error: unknown): string | undefined {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  return hasCode && typeof error.code === 'string' ? error.code : undefined;
}

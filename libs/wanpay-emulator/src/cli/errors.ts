import { EmulatorError } from '../errors.js';

/** The command can't do what it was asked to: the message says why, and what to do. */
export class CommandError extends EmulatorError {
  readonly code = 'command_failed';
}

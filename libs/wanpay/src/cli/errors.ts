import { WanPayError } from '../protocol/index.js';

/** The command can't be carried out as it was given. */
export class UsageError extends WanPayError {
  readonly code = 'usage';
}

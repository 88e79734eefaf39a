import { WanPayError } from 'nestjs-wanpay';
import type { Wording } from './text.js';

/** The desk can't be mounted as the host asked. */
export class WanPayDeskConfigurationError extends WanPayError {
  readonly code = 'invalid_desk_configuration';
}

/** A request that the desk can't fulfil, told to whoever sent it as a page. */
export class DeskProblem extends Error {
  constructor(
    readonly httpStatus: number,
    readonly wording: Wording,
    options?: ErrorOptions,
  ) {
    super(wording.english, options);
    this.name = 'DeskProblem';
  }
}

import { HttpException, type HttpExceptionOptions, type HttpStatus } from '@nestjs/common';
import type { Wording } from '../payment-page/language.js';

/** What a customer is told when something can't be done, in either language; programs get the English one. */
export class Problem extends HttpException {
  constructor(
    status: HttpStatus,
    readonly wordings: readonly Wording[],
    options?: HttpExceptionOptions,
  ) {
    super(wordings.map(({ english }) => english).join(' '), status, options);
  }
}

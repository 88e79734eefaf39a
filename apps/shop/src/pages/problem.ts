import { HttpException, type HttpExceptionOptions, type HttpStatus } from '@nestjs/common';
import type { VNode } from 'preact';
import type { Wording } from '../payment-page/language.js';

interface ProblemOptions extends HttpExceptionOptions {
  /** What the customer can do about it, on the page. */
  readonly wayOn?: VNode;
}

/** What a customer is told when something can't be done, in either language; programs get the English one. */
export class Problem extends HttpException {
  readonly wayOn: VNode | undefined;

  constructor(
    status: HttpStatus,
    readonly wordings: readonly Wording[],
    { wayOn, ...options }: ProblemOptions = {},
  ) {
    super(wordings.map(({ english }) => english).join(' '), status, options);
    this.wayOn = wayOn;
  }
}

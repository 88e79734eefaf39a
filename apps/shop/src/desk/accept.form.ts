import { HttpStatus } from '@nestjs/common';
import { Length } from 'class-validator';
import { NothingToAcceptError, PaymentNotFoundError } from 'nestjs-wanpay';
import { says } from '../pages/form-problems.js';
import { Problem } from '../pages/problem.js';

/** Why unclaimed money pays a payment after all. */
export class AcceptForm {
  @Length(1, 256, says('請填寫 1 至 256 字的理由。', 'Give a reason of 1 to 256 characters.'))
  reason!: string;
}

/** @throws Problem when the money was decided on meanwhile, or there never was any */
export async function orNothingToAccept<Result>(accepting: Promise<Result>): Promise<Result> {
  try {
    return await accepting;
  } catch (error) {
    if (!(error instanceof NothingToAcceptError || error instanceof PaymentNotFoundError)) throw error;
    const problem = { chinese: '沒有待認領的款項。', english: 'There is no unclaimed money.' };
    throw new Problem(HttpStatus.CONFLICT, [problem], { cause: error });
  }
}

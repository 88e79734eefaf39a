import { Transform } from 'class-transformer';
import { IsBoolean, IsDate, IsIn, IsInt, IsOptional, IsString, Matches, Min, ValidateIf } from 'class-validator';
import { type PaymentOptions } from '../bank/payment.js';
import { type Scenario, SCENARIOS } from '../scenarios/scenario.js';
import { Property } from './described.js';
import { BooleanFromForm, NumberFromForm } from './from-form.js';

const HAS_ZONE = /(?:Z|[+-]\d\d:\d\d)$/;

/** A moment as ISO 8601; without a zone, as a form's input gives it, it is Taipei's. */
function readMoment(value: unknown): unknown {
  if (typeof value !== 'string' || value === 'after-deadline') return value;
  return new Date(HAS_ZONE.test(value) ? value : `${value}+08:00`);
}

/** How a payer pays. */
export class PaymentBody {
  @Property({ description: 'Whole New Taiwan dollars. Default: what was asked for.', minimum: 1 })
  @IsOptional()
  @NumberFromForm()
  @IsInt({ message: 'must be a whole number of New Taiwan dollars' })
  @Min(1, { message: 'must be a whole number of New Taiwan dollars' })
  readonly amount?: number;

  @Property({ description: 'The payer’s bank, three digits. Default: 822.', example: '822' })
  @IsOptional()
  @IsString()
  @Matches(/^\d{3}$/, { message: 'must be three digits' })
  readonly payerBankCode?: string;

  @Property({ description: 'The payer’s account, 1 to 16 digits.', example: '0000123456789012' })
  @IsOptional()
  @IsString()
  @Matches(/^\d{1,16}$/, { message: 'must be 1 to 16 digits' })
  readonly payerAccount?: string;

  @Property({
    description:
      'When the money arrives, by the emulator’s clock: ISO 8601 (without a zone, Taipei time), or `after-deadline`, a ' +
      'minute after the account has lapsed. Default: now.',
    type: 'string',
    example: '2026-03-01T12:00:00+08:00',
  })
  @Transform(({ value }: { value: unknown }) => readMoment(value))
  @ValidateIf(({ at }: PaymentBody) => at !== undefined && at !== 'after-deadline')
  @IsDate({ message: 'must be a date, or after-deadline' })
  readonly at?: Date | 'after-deadline';

  @Property({ description: 'Pay once more an order that is paid already. Default: refuse.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly again?: boolean;

  @Property({ description: 'Pay twice, one right after the other. Default: once.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly twice?: boolean;
}

/** What of a body the bank takes. */
export function paymentOf({ amount, payerBankCode, payerAccount, at, again }: PaymentBody): PaymentOptions {
  return {
    ...(amount === undefined ? {} : { amount }),
    ...(payerBankCode === undefined ? {} : { payerBankCode }),
    ...(payerAccount === undefined ? {} : { payerAccount }),
    ...(at === undefined ? {} : { at }),
    ...(again === undefined ? {} : { again }),
  };
}

/** How an order is closed. */
export class CloseBody {
  @Property({ description: 'Whether the merchant is notified (5803). Default: no.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly notify?: boolean;
}

/** Which notification is sent again. */
export class ResendBody {
  @Property({ description: 'The number of a notification. Default: the order’s latest.' })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly notification?: number;
}

/** An order to be opened as a merchant would, with the merchant's key. */
export class NewOrderBody {
  @Property({ description: 'Default: the first merchant.' })
  @IsOptional()
  @IsString()
  readonly merchantNo?: string;

  @Property({ description: '1 to 20 digits and upper-case letters. Default: a new one.' })
  @IsOptional()
  @IsString()
  @Matches(/^[0-9A-Z]{1,20}$/, { message: 'must be 1 to 20 digits and upper-case letters' })
  readonly orderNo?: string;

  @Property({ description: 'Whole New Taiwan dollars, at least 11. Default: 1280.', minimum: 11, example: 1280 })
  @IsOptional()
  @NumberFromForm()
  @IsInt({ message: 'must be a whole number of New Taiwan dollars' })
  @Min(11, { message: 'must be a whole number of New Taiwan dollars, at least 11' })
  readonly amount?: number;

  @Property({ description: '`backurl`: where results are posted. Default: nowhere.' })
  @IsOptional()
  @IsString()
  readonly notificationUrl?: string;

  @Property({ description: '`body` of the order.' })
  @IsOptional()
  @IsString()
  readonly description?: string;

  @Property({ description: 'How many days the account is valid, 1 to 30. Default: 7.', minimum: 1 })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  @Min(1)
  readonly validDays?: number;

  @Property({
    description:
      'What becomes of it. `late` has the money arrive after the deadline, once the clock is there; `lost-reply` loses the reply to the order; ' +
      '`taken-number` has somebody else use the number before (6307). Default: nothing yet.',
    enum: SCENARIOS,
  })
  @IsOptional()
  @IsIn(SCENARIOS)
  readonly scenario?: Scenario;
}

/** Which notifications are sent again. */
export class ResendFailedBody {
  @Property({
    description: 'Only those that were tried since then: ISO 8601 (without a zone, Taipei time). Default: all.',
    type: 'string',
    example: '2026-03-01T12:00:00+08:00',
  })
  @Transform(({ value }: { value: unknown }) => readMoment(value))
  @IsOptional()
  @IsDate({ message: 'must be a date' })
  readonly since?: Date;
}

/** Which orders are listed. */
export class OrderListQuery {
  @Property({ description: 'How many at most. Default: all.', minimum: 1 })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  @Min(1)
  readonly limit?: number;

  @Property({ description: 'How many of the oldest are passed over. Default: 0.', minimum: 0 })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  @Min(0)
  readonly offset?: number;

  @Property({
    description: 'Only those in this state.',
    enum: ['unpaid', 'paying', 'paid', 'failed', 'closed'],
  })
  @IsOptional()
  @IsIn(['unpaid', 'paying', 'paid', 'failed', 'closed'])
  readonly state?: string;
}

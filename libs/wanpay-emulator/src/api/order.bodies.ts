import { Transform } from 'class-transformer';
import { IsBoolean, IsDate, IsIn, IsInt, IsOptional, IsString, Matches, Min, ValidateIf } from 'class-validator';
import { type PaymentOptions } from '../bank/payment.js';
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

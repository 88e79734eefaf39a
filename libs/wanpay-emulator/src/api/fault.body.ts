import { IsBoolean, IsIn, IsInt, IsNumber, IsObject, IsOptional, IsString, ValidateIf } from 'class-validator';
import { type FaultTrigger, type InterfaceName } from '../faults/fault.js';
import { CATALOGUE } from '../faults/catalogue.js';
import { FAULT_KINDS } from '../faults/fault-input.js';
import { AMOUNT_SHAPES, type AmountShape, type AmountUnit } from '../orders/amount.js';
import { ACCOUNT_SHAPES, type AccountShape, DEADLINE_SHAPES, type DeadlineShape } from '../platform/acceptance.js';
import { Property } from './described.js';
import { BooleanFromForm, FieldsFromForm, NumberFromForm } from './from-form.js';

/** The description of `kind`: each kind and its effect. */
export const WHAT_GOES_WRONG = `What goes wrong.\n\n${CATALOGUE.map(({ kind, says }) => `- \`${kind}\`: ${says}`).join('\n')}`;

/** A fault, and when it strikes. */
export class FaultBody {
  @Property({ description: WHAT_GOES_WRONG, enum: FAULT_KINDS }, { required: true })
  @IsIn(FAULT_KINDS)
  readonly kind: string = '';

  @Property({ description: 'Which interface replies wrongly. Default: order.', enum: ['order', 'query'] })
  @IsOptional()
  @IsIn(['order', 'query'])
  readonly at?: InterfaceName;

  @Property({ description: 'For code-reply: the code.', example: '992' })
  @IsOptional()
  @IsString()
  readonly code?: string;

  @Property({ description: 'For code-reply: the words beside the code.' })
  @IsOptional()
  @IsString()
  readonly info?: string;

  @Property({ description: 'For http-error-reply: 400 to 599. Default: 500.' })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly httpStatus?: number;

  @Property({ description: 'For body-reply and http-error-reply: the body.' })
  @IsOptional()
  @IsString()
  readonly body?: string;

  @Property({ description: 'For code-, http-error- and body-reply: carry the request out all the same.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly afterActing?: boolean;

  @Property({ description: 'For slow-reply: milliseconds of real time. Default: 5,000.' })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly delayMs?: number;

  @Property({
    description: 'Seconds by the emulator’s clock. Default: 60 for delayed-notification, 0 for second-transfer.',
  })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly delaySeconds?: number;

  @Property({ description: 'For signed-reply: sign wrongly.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly wrongly?: boolean;

  @Property({
    description: 'Default: cents for query-amount, dollars for odd-amount-notification.',
    enum: ['dollars', 'cents'],
  })
  @IsOptional()
  @IsIn(['dollars', 'cents'])
  readonly unit?: AmountUnit;

  @Property({
    description: 'For extended-notification: the further fields, by name.',
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  @IsOptional()
  @FieldsFromForm()
  @IsObject()
  readonly fields?: Readonly<Record<string, string>>;

  @Property({ description: 'For extended-notification: the signature does not cover the further fields.' })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly unsigned?: boolean;

  @Property({
    description: 'For json-notification and query-amount: what reads as a number is a JSON number, digit for digit.',
  })
  @IsOptional()
  @BooleanFromForm()
  @IsBoolean()
  readonly numbers?: boolean;

  @Property({
    description:
      'For content-type-notification; `none` for none. Default: application/x-www-form-urlencoded; charset=utf8.',
  })
  @IsOptional()
  @IsString()
  readonly contentType?: string;

  @Property({
    description: 'For odd-amount-notification: `1,280`, `        1280`, `1280.000`, `--` or none. Default: separated.',
    enum: AMOUNT_SHAPES,
  })
  @IsOptional()
  @IsIn(AMOUNT_SHAPES)
  readonly amount?: AmountShape;

  @Property({
    description:
      'For odd-deadline-reply: `2022/07/22`, `2022-07-22 23:59:59.0`, `20220722`, `--` or none. Default: slashes.',
    enum: DEADLINE_SHAPES,
  })
  @IsOptional()
  @IsIn(DEADLINE_SHAPES)
  readonly deadline?: DeadlineShape;

  @Property({
    description: 'For odd-account-reply: `4671 0722 8518 32`, `4671-0722-8518-32` or a JSON number. Default: spaced.',
    enum: ACCOUNT_SHAPES,
  })
  @IsOptional()
  @IsIn(ACCOUNT_SHAPES)
  readonly account?: AccountShape;

  @Property({ description: 'For odd-status-notification: 1 to 4 letters or digits. Default: 5899.' })
  @IsOptional()
  @IsString()
  readonly status?: string;

  @Property({ description: 'For second-transfer: the payer’s bank, three digits. Default: 812.' })
  @IsOptional()
  @IsString()
  readonly payerBankCode?: string;

  @Property({ description: 'For second-transfer: the payer’s account, 1 to 16 digits.' })
  @IsOptional()
  @IsString()
  readonly payerAccount?: string;

  @Property({
    description: 'For second-transfer: whole New Taiwan dollars, at least 1. Default: as much as the first.',
    minimum: 1,
  })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly paidAmount?: number;

  @Property({
    description: 'On how many occasions it strikes. Default: 1; with a share, always.',
    oneOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', enum: ['always'] },
    ],
  })
  @NumberFromForm()
  @ValidateIf(({ times }: FaultBody) => times !== undefined && times !== 'always')
  @IsInt({ message: 'must be a whole number, or always' })
  readonly times?: number | 'always';

  @Property({ description: 'How many occasions pass before it may strike. Default: 0.' })
  @IsOptional()
  @NumberFromForm()
  @IsInt()
  readonly skip?: number;

  @Property({
    description: 'The share of occasions on which it strikes, above 0 up to 1. Default: every one.',
  })
  @IsOptional()
  @NumberFromForm()
  @IsNumber()
  readonly share?: number;

  @Property({ description: 'Only for this merchant.' })
  @IsOptional()
  @IsString()
  readonly merchantNo?: string;

  @Property({ description: 'Only for orders of this number.' })
  @IsOptional()
  @IsString()
  readonly orderNo?: string;
}

/** What of a body says when the fault strikes. */
export function triggerOf({ times, skip, share, merchantNo, orderNo }: FaultBody): FaultTrigger {
  return {
    ...(times === undefined ? {} : { times }),
    ...(skip === undefined ? {} : { skip }),
    ...(share === undefined ? {} : { share }),
    ...(merchantNo === undefined ? {} : { merchantNo }),
    ...(orderNo === undefined ? {} : { orderNo }),
  };
}

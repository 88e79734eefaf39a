import { Transform, Type } from 'class-transformer';
import { IsInt, Length, Matches, Max, Min } from 'class-validator';
import { says } from '../pages/form-problems.js';

/** The most of one item in an order. */
export const MAX_QUANTITY = 10;
/** The longest name of a recipient. */
export const MAX_RECIPIENT_LENGTH = 40;

/** The quantity that a link asks for, such as that of a customer who orders again; 1 where it is none. */
export function readQuantity(text: unknown): number {
  const quantity = Number(text);
  return Number.isInteger(quantity) && quantity >= 1 && quantity <= MAX_QUANTITY ? quantity : 1;
}

/** What the checkout form sends. */
export class CheckoutForm {
  /** Made together with the form: a form that is sent twice places one order. */
  @Matches(/^[0-9A-Z]{20}$/, says('訂單編號不正確。', 'The order number is not one of ours.'))
  orderNo!: string;

  @Type(() => Number)
  @IsInt(says('數量必須是整數。', 'The quantity must be a whole number.'))
  @Min(1, says('數量至少為 1。', 'The quantity must be at least 1.'))
  @Max(MAX_QUANTITY, says(`數量最多為 ${MAX_QUANTITY}。`, `The quantity must be at most ${MAX_QUANTITY}.`))
  quantity!: number;

  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @Length(
    1,
    MAX_RECIPIENT_LENGTH,
    says(
      `收件人須為 1 至 ${MAX_RECIPIENT_LENGTH} 個字。`,
      `The recipient has 1 to ${MAX_RECIPIENT_LENGTH} characters.`,
    ),
  )
  recipient!: string;
}

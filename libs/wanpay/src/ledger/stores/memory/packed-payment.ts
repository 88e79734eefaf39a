import type { AmountUnit, Payer } from '../../../protocol/index.js';
import { isSamePayer } from '../../payer.js';
import type { Payment, PaymentKey, PaymentState } from '../../payment.js';
import { toDate, toMoment } from './moments.js';
import { PackedAccount } from './packed-account.js';
import { restOf, shared } from './shared-texts.js';

type Facts = Pick<Payment, 'payer' | 'paidAt' | 'amountUnit'>;
type Mutable<Of> = { -readonly [Name in keyof Of]: Of[Name] };

/** What has a field of its own. The rest is what few payments have. */
const FIELDS: ReadonlySet<string> = new Set<keyof Payment>([
  ...(['merchantNo', 'orderNo', 'amount', 'livemode', 'state', 'validDays', 'account'] as const),
  ...(['payer', 'paidAt', 'amountUnit', 'createdAt', 'updatedAt'] as const),
]);

/** How a payment was paid. Its event has the same facts, and therefore the same object. */
export class PaidFacts {
  readonly payer: Payer | undefined;
  readonly paidAt: number | undefined;
  readonly amountUnit: AmountUnit | undefined;

  private constructor({ payer, paidAt, amountUnit }: Facts) {
    this.payer = payer && sharingBank(payer);
    this.paidAt = paidAt && toMoment(paidAt);
    this.amountUnit = amountUnit;
  }

  /** Returns `known` if it has the same facts, else a new object; undefined if there are no facts. */
  static of(facts: Facts, known?: PaidFacts): PaidFacts | undefined {
    const { payer, paidAt, amountUnit } = facts;
    if (!payer && !paidAt && !amountUnit) return undefined;
    return known?.say(facts) ? known : new PaidFacts(facts);
  }

  private say({ payer, paidAt, amountUnit }: Facts): boolean {
    return (
      isSamePayer(payer, this.payer) && (paidAt && toMoment(paidAt)) === this.paidAt && amountUnit === this.amountUnit
    );
  }

  unpackInto(facts: Mutable<Facts>): void {
    if (this.payer) facts.payer = this.payer;
    if (this.paidAt !== undefined) facts.paidAt = toDate(this.paidAt);
    if (this.amountUnit) facts.amountUnit = this.amountUnit;
  }
}

/** A payment as the store in memory keeps it: it has no key, and moments are numbers. */
export class PackedPayment {
  readonly amount: number;
  readonly state: PaymentState;
  readonly account: PackedAccount | undefined;
  readonly facts: PaidFacts | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  private readonly livemode: boolean;
  private readonly validDays: number | undefined;
  private readonly rest: Partial<Payment> | undefined;

  constructor(payment: Payment, known?: PackedPayment) {
    this.amount = payment.amount;
    this.state = payment.state;
    this.account = payment.account && new PackedAccount(payment.account);
    this.facts = PaidFacts.of(payment, known?.facts);
    this.createdAt = toMoment(payment.createdAt);
    this.updatedAt = toMoment(payment.updatedAt);
    this.livemode = payment.livemode;
    this.validDays = payment.validDays;
    this.rest = restOf(payment, FIELDS);
  }

  get payer(): Payment['payer'] {
    return this.facts?.payer;
  }

  get otherTransfers(): Payment['otherTransfers'] {
    return this.rest?.otherTransfers;
  }

  get review(): Payment['review'] {
    return this.rest?.review;
  }

  get failure(): Payment['failure'] {
    return this.rest?.failure;
  }

  unpack({ merchantNo, orderNo }: PaymentKey): Payment {
    const { amount, livemode, state, validDays, account, facts, rest } = this;
    const [createdAt, updatedAt] = [toDate(this.createdAt), toDate(this.updatedAt)];
    const payment: Mutable<Payment> = { merchantNo, orderNo, amount, livemode, state, createdAt, updatedAt };
    if (validDays !== undefined) payment.validDays = validDays;
    if (account) payment.account = account.unpack();
    facts?.unpackInto(payment);
    return rest ? Object.assign(payment, rest) : payment;
  }
}

/** Shares the bank's code, because there are few banks and many accounts. */
function sharingBank(payer: Payer): Payer {
  const { bankCode, account } = payer;
  return bankCode !== undefined && account !== undefined ? { bankCode: shared(bankCode), account } : payer;
}

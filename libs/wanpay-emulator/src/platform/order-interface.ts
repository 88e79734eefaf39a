import { Injectable } from '@nestjs/common';
import { expiryAfter } from 'nestjs-wanpay/protocol';
import { Bank } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { AccountIssuer } from '../orders/account.js';
import { OrderBook } from '../orders/order-book.js';
import { type OrderRef } from '../orders/order-ref.js';
import { type Account, type Order } from '../orders/order.js';
import { type Fields } from './fields.js';
import { type Admitted } from './gate.js';
import { acceptance } from './acceptance.js';
import { ORDER_EXISTS, OTHER_ERROR, type PlatformReply, Refusal } from './reply.js';

/** `virtualatmpay` (3.1.1): opens an order and its account. */
@Injectable()
export class OrderInterface {
  constructor(
    private readonly clock: VirtualClock,
    private readonly settings: EmulatorSettings,
    private readonly issuer: AccountIssuer,
    private readonly book: OrderBook,
    private readonly bank: Bank,
    private readonly faults: FaultPlan,
  ) {}

  /**
   * @throws Refusal 993 when the emulator can keep no more orders
   * @throws Refusal 6307 when the merchant has used the number before, or when a fault says that somebody else has
   */
  open({ merchant, fields }: Admitted): Order {
    const ref = { merchantNo: merchant.merchantNo, orderNo: fields.out_trade_no ?? '' };
    if (this.book.find(ref)) throw taken();
    if (!this.bank.makeRoom()) throw new Refusal(OTHER_ERROR, '模擬器的訂單已滿，且都未結束');
    const openedAt = this.clock.now();
    const order = this.bank.open({
      ...ref,
      amount: Number(fields.total_fee) / 100,
      ...(fields.body ? { description: fields.body } : {}),
      ...(fields.returnurl ? { returnUrl: fields.returnurl } : {}),
      ...(fields.backurl ? { notificationUrl: fields.backurl } : {}),
      account: this.#issue(ref),
      openedAt,
      expiresAt: expiryAfter(openedAt, this.#validDays(fields)),
      state: 'unpaid',
    });
    if (this.faults.strike(['order-taken'], ref)) throw taken();
    return order;
  }

  /** The reply to an order that was accepted. */
  accept(order: Order): PlatformReply {
    const account = this.faults.strike(['odd-account-reply'], order)?.account;
    const deadline = this.faults.strike(['odd-deadline-reply'], order)?.deadline;
    return acceptance(order, { account, deadline });
  }

  #issue(ref: OrderRef): Account {
    const account = this.issuer.issue();
    return this.faults.strike(['long-account'], ref) ? { ...account, number: `${account.number}00` } : account;
  }

  #validDays({ virtualatmvalidity }: Fields): number {
    return virtualatmvalidity ? Number(virtualatmvalidity) : this.settings.defaultValidDays;
  }
}

function taken(): Refusal {
  return new Refusal(ORDER_EXISTS, '此訂單號已存在');
}

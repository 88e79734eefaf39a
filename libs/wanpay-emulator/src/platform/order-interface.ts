import { Injectable } from '@nestjs/common';
import { expiryAfter, type Fields, formatTaipei } from 'nestjs-wanpay/protocol';
import { Bank } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { AccountIssuer } from '../orders/account.js';
import { OrderBook } from '../orders/order-book.js';
import { type Order } from '../orders/order.js';
import { type Admitted } from './gate.js';
import { ORDER_EXISTS, type PlatformReply, Refusal, SUCCESS } from './reply.js';

/** `virtualatmpay` (3.1.1): opens an order and its account. */
@Injectable()
export class OrderInterface {
  constructor(
    private readonly clock: VirtualClock,
    private readonly settings: EmulatorSettings,
    private readonly issuer: AccountIssuer,
    private readonly book: OrderBook,
    private readonly bank: Bank,
  ) {}

  /** @throws Refusal 6307 when the merchant has used the number before */
  open({ merchant, fields }: Admitted): Order {
    const ref = { merchantNo: merchant.merchantNo, orderNo: fields.out_trade_no ?? '' };
    if (this.book.find(ref)) throw new Refusal(ORDER_EXISTS, '此訂單號已存在');
    const openedAt = this.clock.now();
    return this.bank.open({
      ...ref,
      amount: Number(fields.total_fee) / 100,
      ...(fields.body ? { description: fields.body } : {}),
      ...(fields.returnurl ? { returnUrl: fields.returnurl } : {}),
      ...(fields.backurl ? { notificationUrl: fields.backurl } : {}),
      account: this.issuer.issue(),
      openedAt,
      expiresAt: expiryAfter(openedAt, this.#validDays(fields)),
      state: 'unpaid',
    });
  }

  #validDays({ virtualatmvalidity }: Fields): number {
    return virtualatmvalidity ? Number(virtualatmvalidity) : this.settings.defaultValidDays;
  }
}

/** The reply to an order that was accepted (3.1.1), worded as the vendor's sample. */
export function acceptance(order: Order): PlatformReply {
  const { account } = order;
  return {
    status: SUCCESS,
    info: '下单成功',
    data: {
      code_url: account.number,
      expiredate: formatTaipei(order.expiresAt),
      bankcode: account.bankCode,
      bankname: account.bankName,
      branchcode: account.branchCode,
      branchname: account.branchName,
      receiver: account.holder,
      out_trade_no: order.orderNo,
    },
  };
}

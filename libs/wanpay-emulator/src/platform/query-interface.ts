import { Injectable } from '@nestjs/common';
import { EmulatorSettings } from '../emulator.settings.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { writeAmount } from '../orders/amount.js';
import { OrderBook } from '../orders/order-book.js';
import { statusOf } from '../orders/order-status.js';
import { type Admitted } from './gate.js';
import { NO_SUCH_ORDER, type PlatformReply, Refusal, SUCCESS } from './reply.js';

/** `orderquery` (3.1.3): tells the state of an order. */
@Injectable()
export class QueryInterface {
  constructor(
    private readonly settings: EmulatorSettings,
    private readonly book: OrderBook,
    private readonly faults: FaultPlan,
  ) {}

  /**
   * `total_fee` is what was paid, or else what was asked for; the payer is named once the order is paid.
   *
   * @throws Refusal 5223 when the merchant has no such order
   */
  answer({ merchant, fields }: Admitted): PlatformReply {
    const order = this.book.find({ merchantNo: merchant.merchantNo, orderNo: fields.out_trade_no ?? '' });
    if (!order) throw new Refusal(NO_SUCH_ORDER, '此商戶訂單號不存在');
    const fault = this.faults.strike(['query-amount'], order);
    const unit = fault?.unit ?? this.settings.queryAmountUnit;
    const isNumber = fault?.numbers ?? this.settings.queryAmountAsNumber;
    const payment = order.state === 'paid' ? order.transfer : undefined;
    return {
      status: SUCCESS,
      info: '查詢訂單成功',
      data: {
        total_fee: writeAmount(payment?.amount ?? order.amount, unit),
        out_trade_no: order.orderNo,
        orderstatus: statusOf(order).code,
        ...(payment ? { bankno: payment.payerBankCode, acctno: payment.payerAccount } : {}),
      },
      ...(isNumber ? { numbers: ['total_fee'] } : {}),
    };
  }
}

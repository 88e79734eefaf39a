import { Controller, Get, NotFoundException, Param } from '@nestjs/common';
import { BankDesk } from './bank-desk.js';
import { orderPage } from './order.page.js';
import { Orders } from './orders.js';

/**
 * The page of an order. The payer also comes back to it from the bank, perhaps with a query that says "paid": that is
 * never looked at, since only `atm.paid` is proof.
 */
@Controller('orders')
export class OrderController {
  constructor(
    private readonly orders: Orders,
    private readonly desk: BankDesk,
  ) {}

  @Get(':orderNo')
  show(@Param('orderNo') orderNo: string): string {
    const order = this.orders.find(orderNo);
    if (!order) throw new NotFoundException('沒有這筆訂單 There is no such order.');
    return orderPage(order, order.payment && this.desk.pageOf(order.payment));
  }
}

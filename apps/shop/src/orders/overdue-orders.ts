import { Inject, Injectable, Logger } from '@nestjs/common';
import { type Clock, PlatformError, WanPayService } from 'nestjs-wanpay';
import { isOverdue } from '../payment-page/payment.js';
import { CLOCK } from '../shop-clock.js';
import { type Order, shownPayment } from './order.js';

/** The platform tells of money, not of deadlines that pass: those are asked for, when someone looks at such an order. */
@Injectable()
export class OverdueOrders {
  private readonly logger = new Logger('Shop');
  private readonly asking = new Map<string, Promise<void>>();

  constructor(
    private readonly wanpay: WanPayService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Asks how an order stands whose deadline has passed, once at a time; what comes of it comes as an event. */
  async ask(order: Order): Promise<void> {
    if (!isOverdue(shownPayment(order), this.clock.now())) return;
    const { orderNo } = order;
    const answer = this.asking.get(orderNo) ?? this.query(orderNo).finally(() => this.asking.delete(orderNo));
    this.asking.set(orderNo, answer);
    await answer;
  }

  private async query(orderNo: string): Promise<void> {
    try {
      await this.wanpay.queryPayment(orderNo);
    } catch (error) {
      if (!(error instanceof PlatformError)) throw error;
      this.logger.warn(`WanPay does not say what became of order ${orderNo}: ${error.message}`);
    }
  }
}

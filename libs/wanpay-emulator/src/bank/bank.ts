import { Injectable } from '@nestjs/common';
import { type Cancel } from 'nestjs-wanpay/protocol';
import { VirtualClock } from '../clock/virtual-clock.js';
import { OrderStateError } from '../errors.js';
import { Notifier } from '../notifications/notifier.js';
import { keyOf, OrderBook } from '../orders/order-book.js';
import {
  close,
  expire,
  fail,
  type Order,
  type OrderRef,
  receive,
  startPaying,
  type Transfer,
} from '../orders/order.js';
import { type PaymentOptions, readTransfer } from './payment.js';

const SECOND_MS = 1000;

/** What happens to orders: money comes or fails, the platform closes them, accounts lapse. */
@Injectable()
export class Bank {
  readonly #lapses = new Map<string, Cancel>();
  readonly #scheduledTransfers = new Map<string, Cancel>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly book: OrderBook,
    private readonly notifier: Notifier,
  ) {}

  /** Writes a new order down, and sees to it that its account lapses once the last valid second is over. */
  open(order: Order): Order {
    const untilLapse = order.expiresAt.getTime() + SECOND_MS - this.clock.now().getTime();
    const cancel = this.clock.after(untilLapse, () => {
      this.#lapses.delete(keyOf(order));
      this.book.put(expire(this.book.get(order)));
    });
    this.#lapses.set(keyOf(order), cancel);
    return this.book.put(order);
  }

  /**
   * A payer pays into the order's account, or, with a later `at`, will. An order has one transfer scheduled at most:
   * another payment, or a failure, takes its place.
   *
   * @throws UnknownOrderError
   * @throws InvalidArgumentError
   * @throws OrderStateError when it is paid already, unless `again`
   */
  async pay(ref: OrderRef, options: PaymentOptions = {}): Promise<Order> {
    const order = this.book.get(ref);
    const now = this.clock.now();
    const transfer = readTransfer(order, options, now);
    if (order.state === 'paid' && !options.again) {
      throw new OrderStateError(`Order ${ref.orderNo} is paid already; pay it \`again: true\` if that is meant.`);
    }
    this.#withdrawTransfer(ref);
    const delay = transfer.at.getTime() - now.getTime();
    if (delay > 0) return this.#schedule(ref, transfer, delay);
    const notified = this.#receive(ref, transfer);
    if (options.wait ?? true) await notified;
    return this.book.get(ref);
  }

  /**
   * The payer's transfer fails; the merchant is notified (5805).
   *
   * @throws UnknownOrderError
   * @throws OrderStateError unless the order waits for money
   */
  async fail(ref: OrderRef): Promise<Order> {
    const order = this.book.get(ref);
    const failed = fail(order, readTransfer(order, {}, this.clock.now()));
    this.#withdrawTransfer(ref);
    this.book.put(failed);
    await this.notifier.notify(failed);
    return this.book.get(ref);
  }

  /**
   * The platform closes the order (5803). A transfer that is under way still arrives.
   *
   * @param notify the protocol tells of notifications for transactions only (3.1.2), so none is sent unless asked for
   * @throws UnknownOrderError
   * @throws OrderStateError unless the order waits for money
   */
  async close(ref: OrderRef, notify = false): Promise<Order> {
    const closed = this.book.put(close(this.book.get(ref)));
    if (notify) await this.notifier.notify(closed);
    return this.book.get(ref);
  }

  /** Withdraws what is scheduled. */
  shutDown(): void {
    for (const cancel of [...this.#lapses.values(), ...this.#scheduledTransfers.values()]) cancel();
    this.#lapses.clear();
    this.#scheduledTransfers.clear();
  }

  #schedule(ref: OrderRef, transfer: Transfer, delay: number): Order {
    const cancel = this.clock.after(delay, () => {
      this.#scheduledTransfers.delete(keyOf(ref));
      void this.#receive(ref, transfer);
    });
    this.#scheduledTransfers.set(keyOf(ref), cancel);
    return this.book.put(startPaying(this.book.get(ref)));
  }

  #receive(ref: OrderRef, transfer: Transfer): Promise<void> {
    return this.notifier.notify(this.book.put(receive(this.book.get(ref), transfer)));
  }

  #withdrawTransfer(ref: OrderRef): void {
    this.#scheduledTransfers.get(keyOf(ref))?.();
    this.#scheduledTransfers.delete(keyOf(ref));
  }
}

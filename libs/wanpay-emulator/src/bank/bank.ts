import { Injectable } from '@nestjs/common';
import { type Cancel } from '../clock/clock.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { EmulatorSettings } from '../emulator.settings.js';
import { OrderStateError } from '../errors.js';
import { type FaultOf } from '../faults/fault.js';
import { FaultPlan } from '../faults/fault-plan.js';
import { Notifier } from '../notifications/notifier.js';
import { Journal } from '../journal/journal.js';
import { AccountIssuer } from '../orders/account.js';
import { OrderBook } from '../orders/order-book.js';
import { keyOf, type OrderRef } from '../orders/order-ref.js';
import { close, expire, fail, isOpen, type Order, receive, startPaying, type Transfer } from '../orders/order.js';
import { type PaymentOptions, readTransfer } from './payment.js';

const SECOND_MS = 1000;
/** How many orders a full book forgets at once: a part, so that it is rarely done. */
const FORGOTTEN_SHARE = 0.01;
/** Far more transfers than an account sees. */
const MAX_TRANSFERS = 1000;

/** A transfer that is on its way. */
export interface ScheduledTransfer {
  readonly ref: OrderRef;
  readonly transfer: Transfer;
}

interface Scheduled extends ScheduledTransfer {
  readonly cancel: Cancel;
}

/** What happens to orders: money comes or fails, the platform closes them, accounts lapse. */
@Injectable()
export class Bank {
  readonly #lapses = new Map<string, Cancel>();
  readonly #scheduledTransfers = new Map<string, Scheduled>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly settings: EmulatorSettings,
    private readonly issuer: AccountIssuer,
    private readonly book: OrderBook,
    private readonly notifier: Notifier,
    private readonly faults: FaultPlan,
    private readonly journal: Journal,
  ) {}

  /**
   * Whether there is room for another order. Where the book is full, its oldest orders that have ended are forgotten, with
   * their notifications.
   */
  makeRoom(): boolean {
    const { orderLimit } = this.settings;
    if (this.book.size < orderLimit) return true;
    const ended = this.book.list().filter((order) => this.#hasEnded(order));
    for (const order of ended.slice(0, Math.ceil(orderLimit * FORGOTTEN_SHARE))) this.#forget(order);
    return this.book.size < orderLimit;
  }

  /** Writes a new order down, and sees to it that its account lapses once the last valid second is over. */
  open(order: Order): Order {
    this.#scheduleLapse(order);
    return this.book.put(order);
  }

  /**
   * A payer pays into the order's account, or, with a later `at`, will. An order has one transfer scheduled at most:
   * another payment, or a failure, takes its place.
   *
   * @param by a payment that a fault brings about is no action that a script would have to repeat
   * @throws UnknownOrderError
   * @throws InvalidArgumentError
   * @throws OrderStateError when it is paid already, unless `again`
   */
  async pay(ref: OrderRef, options: PaymentOptions = {}, by: 'operator' | 'fault' = 'operator'): Promise<Order> {
    const order = this.book.get(ref);
    const now = this.clock.now();
    const transfer = readTransfer(order, options, now);
    if (order.state === 'paid' && !options.again) {
      throw new OrderStateError(`Order ${ref.orderNo} is paid already; pay it \`again: true\` if that is meant.`);
    }
    if ((order.earlierTransfers?.length ?? 0) >= MAX_TRANSFERS - 1) {
      throw new OrderStateError(`Order ${ref.orderNo} has had ${MAX_TRANSFERS} transfers: pay another one.`);
    }
    const again = options.again ?? false;
    if (by === 'operator') this.journal.write({ kind: 'action', name: 'pay', ...nameOf(ref), transfer, again });
    this.#withdrawTransfer(ref);
    if (transfer.at > now) return this.#schedule(ref, transfer);
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
    this.journal.write({ kind: 'action', name: 'fail', ...nameOf(ref) });
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
    const closed = close(this.book.get(ref));
    this.journal.write({ kind: 'action', name: 'close', ...nameOf(ref), notify });
    this.book.put(closed);
    if (notify) await this.notifier.notify(closed);
    return this.book.get(ref);
  }

  /** The transfers that are on their way. */
  scheduledTransfers(): ScheduledTransfer[] {
    return [...this.#scheduledTransfers.values()].map(({ ref, transfer }) => ({ ref, transfer }));
  }

  /** Goes on with orders that the book has from before: their accounts lapse, and transfers on their way arrive. */
  restore(transfers: readonly ScheduledTransfer[]): void {
    for (const order of this.book.list()) if (isOpen(order)) this.#scheduleLapse(order);
    for (const { ref, transfer } of transfers) this.#scheduleTransfer(ref, transfer);
  }

  /** Withdraws what is scheduled. */
  shutDown(): void {
    for (const cancel of this.#lapses.values()) cancel();
    for (const { cancel } of this.#scheduledTransfers.values()) cancel();
    this.#lapses.clear();
    this.#scheduledTransfers.clear();
  }

  #hasEnded(order: Order): boolean {
    return !isOpen(order) && !this.#scheduledTransfers.has(keyOf(order)) && this.notifier.isDone(order);
  }

  #forget(order: Order): void {
    this.#lapses.get(keyOf(order))?.();
    this.#lapses.delete(keyOf(order));
    this.notifier.forget(order);
    this.issuer.release(order.account);
    this.book.forget(order);
  }

  #scheduleLapse(order: Order): void {
    const untilLapse = order.expiresAt.getTime() + SECOND_MS - this.clock.now().getTime();
    const cancel = this.clock.after(untilLapse, () => {
      this.#lapses.delete(keyOf(order));
      this.book.put(expire(this.book.get(order)));
    });
    this.#lapses.set(keyOf(order), cancel);
  }

  #schedule(ref: OrderRef, transfer: Transfer): Order {
    this.#scheduleTransfer(ref, transfer);
    return this.book.put(startPaying(this.book.get(ref)));
  }

  #scheduleTransfer(ref: OrderRef, transfer: Transfer): void {
    const cancel = this.clock.after(transfer.at.getTime() - this.clock.now().getTime(), () => {
      this.#scheduledTransfers.delete(keyOf(ref));
      void this.clock.hold(this.#receive(ref, transfer));
    });
    this.#scheduledTransfers.set(keyOf(ref), { ref: nameOf(ref), transfer, cancel });
  }

  async #receive(ref: OrderRef, transfer: Transfer): Promise<void> {
    const before = this.book.get(ref);
    const second = before.state === 'paid' ? undefined : this.faults.strike(['second-transfer'], ref);
    await this.notifier.notify(this.book.put(receive(before, transfer)));
    if (second) await this.#payAgain(ref, transfer, second);
  }

  async #payAgain(ref: OrderRef, first: Transfer, second: FaultOf<'second-transfer'>): Promise<void> {
    const { delaySeconds, payerBankCode, payerAccount, paidAmount: amount = first.amount } = second;
    const due = this.clock.now().getTime() + delaySeconds * SECOND_MS;
    await this.pay(ref, { amount, payerBankCode, payerAccount, at: new Date(due), again: true }, 'fault');
  }

  #withdrawTransfer(ref: OrderRef): void {
    this.#scheduledTransfers.get(keyOf(ref))?.cancel();
    this.#scheduledTransfers.delete(keyOf(ref));
  }
}

/** The two names alone, of whatever has them. */
function nameOf({ merchantNo, orderNo }: OrderRef): OrderRef {
  return { merchantNo, orderNo };
}

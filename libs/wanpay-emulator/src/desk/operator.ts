import { Injectable, NotFoundException } from '@nestjs/common';
import { Bank } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { Notifier } from '../notifications/notifier.js';
import { type OrderRef } from '../orders/order.js';
import { type DeskInput, readClockChange, readPayment } from './desk-input.js';

/** What a person or a program at the desk can have done. */
@Injectable()
export class Operator {
  readonly #actions: Readonly<Record<string, (ref: OrderRef, input: DeskInput) => Promise<unknown>>>;

  constructor(
    private readonly clock: VirtualClock,
    bank: Bank,
    notifier: Notifier,
  ) {
    this.#actions = {
      pay: (ref, input) => bank.pay(ref, readPayment(input)),
      fail: (ref) => bank.fail(ref),
      close: (ref) => bank.close(ref),
      resend: (ref) => notifier.resend(ref),
    };
  }

  /**
   * Does something to an order, and waits for the notification that follows.
   *
   * @param action one of pay, fail, close and resend
   */
  async act(action: string, ref: OrderRef, input: DeskInput): Promise<void> {
    const act = Object.hasOwn(this.#actions, action) ? this.#actions[action] : undefined;
    if (!act) throw new NotFoundException(`There is no ${action} here.`);
    await act(ref, input);
  }

  /** Moves, stops or resumes the clock. */
  async setClock(input: DeskInput): Promise<void> {
    const change = readClockChange(input);
    if (change.kind === 'stop') this.clock.stop();
    else if (change.kind === 'resume') this.clock.resume();
    else await this.clock.advance(change.ms);
  }
}

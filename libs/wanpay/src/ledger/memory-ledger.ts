import type { VirtualAccount } from '../protocol/index.js';
import type { AtmEvent } from './events.js';
import type { DeadLetter, DeliveryAttempt, Ledger, OwedEvent, Report, Settled } from './ledger.js';
import type { IssuedPayment, Payment, PaymentKey } from './payment.js';
import { issue, settle, unmatched } from './settle.js';

interface Entry extends OwedEvent {
  readonly dueAt: Date;
  readonly leaseUntil?: Date;
}

/**
 * A ledger that forgets when the process ends: for development and tests.
 *
 * Nothing in it awaits, so each method is atomic by itself.
 */
export class MemoryLedger implements Ledger {
  private readonly payments = new Map<string, Payment>();
  /** The events owed for each order, oldest first; only the first may be delivered. */
  private readonly owed = new Map<string, Entry[]>();
  private readonly dead = new Map<string, DeadLetter>();
  private readonly unmatchedIds = new Set<string>();
  private readonly listeners: (() => void)[] = [];

  open(payment: Payment): Promise<{ payment: Payment; opened: boolean }> {
    const existing = this.payments.get(keyOf(payment));
    if (!existing) this.payments.set(keyOf(payment), payment);
    return Promise.resolve({ payment: existing ?? payment, opened: !existing });
  }

  withdraw(key: PaymentKey): Promise<void> {
    if (this.payments.get(keyOf(key))?.state === 'opening') this.payments.delete(keyOf(key));
    return Promise.resolve();
  }

  find(key: PaymentKey): Promise<Payment | undefined> {
    return Promise.resolve(this.payments.get(keyOf(key)));
  }

  issue(key: PaymentKey, account: VirtualAccount, now: Date): Promise<IssuedPayment | undefined> {
    const payment = this.payments.get(keyOf(key));
    if (!payment) return Promise.resolve(undefined);
    const issued = issue(payment, account, now);
    this.commit(issued.payment, issued.events, now);
    return Promise.resolve(issued.payment);
  }

  settle({ outcome, now, ...about }: Report): Promise<Settled> {
    const payment = this.payments.get(keyOf(about));
    if (payment) {
      const settled = settle(payment, outcome, now);
      this.commit(settled.payment, settled.events, now);
      return Promise.resolve(settled);
    }
    const event = unmatched(about, outcome, now);
    const events = this.unmatchedIds.has(event.id) ? [] : [event];
    this.unmatchedIds.add(event.id);
    this.owe(events, now);
    return Promise.resolve({ events, unconfirmed: false });
  }

  claim(now: Date, leaseUntil: Date, limit: number): Promise<OwedEvent[]> {
    const claimed: OwedEvent[] = [];
    for (const queue of this.owed.values()) {
      if (claimed.length >= limit) break;
      const first = queue[0];
      if (!first || first.dueAt > now || (first.leaseUntil && first.leaseUntil > now)) continue;
      queue[0] = { ...first, leaseUntil };
      claimed.push({ event: first.event, attempts: first.attempts, handled: first.handled });
    }
    return Promise.resolve(claimed);
  }

  recordAttempt(event: AtmEvent, { handled, failure, retryAt, now }: DeliveryAttempt): Promise<void> {
    const queue = this.owed.get(keyOf(event)) ?? [];
    const first = queue[0];
    if (first?.event.id !== event.id) return Promise.resolve();
    const attempts = first.attempts + 1;
    if (failure && retryAt) {
      queue[0] = { event, attempts, handled, dueAt: retryAt };
      return Promise.resolve();
    }
    if (failure) this.dead.set(event.id, { event, attempts, handled, failure, diedAt: now });
    queue.shift();
    if (queue.length === 0) this.owed.delete(keyOf(event));
    return Promise.resolve();
  }

  nextDue(): Promise<Date | undefined> {
    let next: Date | undefined;
    for (const [first] of this.owed.values()) {
      const at = first?.leaseUntil ?? first?.dueAt;
      if (at && (!next || at < next)) next = at;
    }
    return Promise.resolve(next);
  }

  deadLetters(): Promise<DeadLetter[]> {
    return Promise.resolve([...this.dead.values()]);
  }

  replay(eventId: string, now: Date): Promise<boolean> {
    const letter = this.dead.get(eventId);
    if (!letter) return Promise.resolve(false);
    this.dead.delete(eventId);
    this.owe([letter.event], now, letter.handled);
    return Promise.resolve(true);
  }

  onEventsOwed(listener: () => void): void {
    this.listeners.push(listener);
  }

  private commit(payment: Payment, events: readonly AtmEvent[], now: Date): void {
    this.payments.set(keyOf(payment), payment);
    this.owe(events, now);
  }

  private owe(events: readonly AtmEvent[], now: Date, handled: readonly string[] = []): void {
    for (const event of events) {
      const entry: Entry = { event, attempts: 0, handled, dueAt: now };
      const queue = this.owed.get(keyOf(event));
      if (queue) queue.push(entry);
      else this.owed.set(keyOf(event), [entry]);
    }
    if (events.length > 0) for (const listener of this.listeners) listener();
  }
}

/** Order numbers of strangers may hold any character, so the two parts are kept apart by one that neither can hide. */
function keyOf({ merchantNo, orderNo }: PaymentKey): string {
  return JSON.stringify([merchantNo, orderNo]);
}

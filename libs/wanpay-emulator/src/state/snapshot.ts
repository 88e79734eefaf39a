import { Injectable } from '@nestjs/common';
import { Bank, type ScheduledTransfer } from '../bank/bank.js';
import { VirtualClock } from '../clock/virtual-clock.js';
import { FaultPlan, type KeptRule } from '../faults/fault-plan.js';
import { type JournalEntry } from '../journal/entry.js';
import { Journal } from '../journal/journal.js';
import { type KeptMerchant, Merchants } from '../merchants/merchants.js';
import { type KeptNotification, Notifier } from '../notifications/notifier.js';
import { AccountIssuer } from '../orders/account.js';
import { OrderBook } from '../orders/order-book.js';
import { type Order } from '../orders/order.js';

/** All that the emulator knows, as it is kept across restarts. Holds the merchants' keys. */
export interface Snapshot {
  readonly clock: { readonly now: Date; readonly stopped: boolean; readonly realTime: Date };
  readonly merchants: readonly KeptMerchant[];
  readonly orders: readonly Order[];
  readonly transfers: readonly ScheduledTransfer[];
  readonly notifications: readonly KeptNotification[];
  readonly faults: readonly KeptRule[];
  readonly journal: readonly JournalEntry[];
  readonly isJournalComplete: boolean;
}

/** Takes the state of every part together, and gives it back. */
@Injectable()
export class Snapshots {
  constructor(
    private readonly clock: VirtualClock,
    private readonly merchants: Merchants,
    private readonly book: OrderBook,
    private readonly issuer: AccountIssuer,
    private readonly bank: Bank,
    private readonly notifier: Notifier,
    private readonly faults: FaultPlan,
    private readonly journal: Journal,
  ) {}

  take(): Snapshot {
    return {
      clock: { now: this.clock.now(), stopped: this.clock.stopped, realTime: new Date() },
      merchants: this.merchants.keep(),
      orders: this.book.list(),
      transfers: this.bank.scheduledTransfers(),
      notifications: this.notifier.keep(),
      faults: this.faults.keep(),
      journal: this.journal.entries(),
      isJournalComplete: this.journal.isComplete,
    };
  }

  /** Forgets everything but the merchants and the clock. Nothing may be in flight. */
  clear(): void {
    this.bank.shutDown();
    this.notifier.clear();
    this.book.clear();
    this.issuer.clear();
    this.faults.restore([]);
    this.journal.restore([], true);
    this.merchants.writeDown();
  }

  /** The clock is not restored here: it begins where the snapshot says. */
  restore(snapshot: Snapshot): void {
    this.merchants.restore(snapshot.merchants);
    this.faults.restore(snapshot.faults);
    this.journal.restore(snapshot.journal, snapshot.isJournalComplete);
    this.book.restore(snapshot.orders);
    this.issuer.restore(snapshot.orders.map(({ account }) => account));
    this.bank.restore(snapshot.transfers);
    this.notifier.restore(snapshot.notifications);
  }
}

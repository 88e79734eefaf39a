import type { ClaimedDelivery, Ledger, Subscription } from 'nestjs-wanpay/ledger';
import type { HostTransactions } from 'nestjs-wanpay/transactions';
import { ACCOUNT, key, later, opening, START } from './payments.js';

export const SHIP: Subscription = { handler: 'Shipping.ship', type: 'atm.issued' };

/** The ledger's tables; those that others refer to come last. */
const TABLES = [
  ...['wanpay_deliveries', 'wanpay_subscriptions', 'wanpay_events', 'wanpay_outcomes', 'wanpay_leases'],
  ...['wanpay_records', 'wanpay_orders'],
];

/** Empties the tables of a ledger, which is cheaper than to make them anew. */
export async function emptyTables(rows: (sql: string) => Promise<unknown>, schema = ''): Promise<void> {
  for (const table of TABLES) await rows(`DELETE FROM ${schema}${table}`);
}

/** A started ledger over a fresh database, and what a host has beside it. */
export abstract class LedgerFixture {
  protected readonly others: Ledger[] = [];

  protected constructor(
    /** The database's. */
    readonly address: string,
    public ledger: Ledger,
  ) {}

  /** Runs a statement of the host's; returns the rows that it selects. */
  abstract rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A ledger over the same data, which is not started. */
  protected abstract make(transactions?: HostTransactions<unknown>): Ledger;

  async close(): Promise<void> {
    await Promise.all([this.ledger, ...this.others].map((each) => each.stop()));
  }

  /** Has transactional handlers run in transactions of a tool. */
  async useTransactions(transactions: HostTransactions<unknown>): Promise<void> {
    await this.ledger.stop();
    this.ledger = this.make(transactions);
    await this.ledger.start();
  }

  /** Another ledger over the same data, with connections of its own, as another process has it. */
  async another(): Promise<Ledger> {
    const ledger = this.make();
    await ledger.start();
    this.others.push(ledger);
    return ledger;
  }

  async subscribe(...subscriptions: readonly Subscription[]): Promise<void> {
    await this.ledger.deliveries.subscribe(subscriptions, START, START);
  }

  /** Opens payments A0, A1 … and issues their accounts, which records an event for each. */
  async openPending(count: number): Promise<readonly string[]> {
    const orders = Array.from({ length: count }, (_, i) => `A${i}`);
    await Promise.all(orders.map((orderNo) => this.ledger.open(opening(orderNo))));
    await Promise.all(orders.map((orderNo) => this.ledger.issue(key(orderNo), ACCOUNT, START)));
    return orders;
  }

  /** Claims the one delivery that is due to a handler, for a minute. */
  async claimOne(subscription = SHIP): Promise<ClaimedDelivery> {
    const claim = { subscriptions: [subscription], now: START, leaseUntil: later(60), limit: 1 };
    const [delivery] = (await this.ledger.deliveries.claim(claim)).deliveries;
    if (!delivery) throw new Error('Nothing is due.');
    return delivery;
  }

  /** How the deliveries of the order A0 stand. */
  async states(): Promise<readonly string[]> {
    const timeline = await this.ledger.timeline(key('A0'));
    const deliveries = timeline.flatMap((entry) => (entry.kind === 'event' ? entry.deliveries : []));
    return deliveries.map(({ state }) => state);
  }
}

import type { Outcome } from '../../protocol/index.js';
import type { AtmEvent } from '../events.js';
import type { OutcomeSource } from '../ledger.js';
import type { Payment, PaymentKey, PaymentState } from '../payment.js';
import type { Database, Row } from './database.js';
import { orderLock } from './locks.js';
import { type PaymentRecord, toRecord, toTexts } from './payment-rows.js';
import { settlementStatement } from './settlement-statement.js';

/** What is to be written of one order, all of it or nothing. */
export interface OrderWrite {
  readonly key: PaymentKey;
  /** Of the payment as it was read; undefined when there was none. */
  readonly version: string | undefined;
  /** The payment as it is to be, if it changed. */
  readonly payment?: Payment;
  readonly outcomes: readonly OutcomeWrite[];
  readonly events: readonly { readonly event: AtmEvent; readonly dueAt: Date }[];
}

/** An outcome to be recorded. */
export interface OutcomeWrite {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
  readonly at: Date;
  readonly change: { readonly from: PaymentState; readonly to: PaymentState } | undefined;
}

/** What a statement wrote. */
export interface Written {
  /** The places of the orders that were still as they had been read; nothing was written of the others. */
  readonly orders: ReadonlySet<number>;
  /** The ids of the events that are owed now and were not before. */
  readonly events: ReadonlySet<string>;
}

/** Writes many orders with one statement. */
export class SettlementWriter {
  private readonly ofKnown: string;
  private readonly ofAny: string;

  constructor(
    private readonly db: Database,
    private readonly origin: string,
  ) {
    this.ofKnown = settlementStatement(db, 'known');
    this.ofAny = settlementStatement(db, 'any');
  }

  /** Rejects when nothing was written. */
  async write(orders: readonly OrderWrite[]): Promise<Written> {
    const absent = orders.filter(({ version }) => version === undefined);
    if (absent.length > 0) return this.writeUnderLocks(orders, absent);
    return toWritten(orders, await this.db.query<WrittenColumn>(this.ofKnown, this.valuesOf(orders)));
  }

  /** Whoever takes several locks takes them in one order, so that nobody waits in a circle. */
  private writeUnderLocks(orders: readonly OrderWrite[], absent: readonly OrderWrite[]): Promise<Written> {
    const locks = absent.map(({ key }) => BigInt(orderLock(this.db.schema, key)));
    locks.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const keys = orders.flatMap(({ key, version }, n) => (version === undefined ? [{ n, ...keyRecord(key) }] : []));
    return this.db.transaction(async (client) => {
      await this.db.queryOn(client, 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', [
        locks.map(String),
      ]);
      const values = [...this.valuesOf(orders), JSON.stringify(keys)];
      return toWritten(orders, await this.db.queryOn<WrittenColumn>(client, this.ofAny, values));
    });
  }

  private valuesOf(orders: readonly OrderWrite[]): readonly string[] {
    return [
      JSON.stringify(orders.flatMap(changeRecords).sort(byKey)),
      JSON.stringify(numbered(orders.flatMap(outcomeRecords))),
      JSON.stringify(numbered(orders.flatMap(eventRecords))),
      this.db.channel,
      this.origin,
    ];
  }
}

type WrittenColumn = 'orders' | 'events';

function toWritten(orders: readonly OrderWrite[], [row]: readonly Row<WrittenColumn>[]): Written {
  const written = new Set(toTexts(row?.orders ?? null)?.map(Number));
  for (const [n, order] of orders.entries()) if (isUnchanged(order)) written.add(n);
  return { orders: written, events: new Set(toTexts(row?.events ?? null)) };
}

interface ChangeRecord extends PaymentRecord {
  readonly merchant_no: string;
  readonly order_no: string;
  readonly n: number;
  readonly read_version: string | undefined;
}

/** A payment that was read and stays as it is: its outcomes are recorded whatever becomes of it meanwhile. */
function isUnchanged({ version, payment }: OrderWrite): boolean {
  return version !== undefined && !payment;
}

function keyRecord({ merchantNo, orderNo }: PaymentKey): { merchant_no: string; order_no: string } {
  return { merchant_no: merchantNo, order_no: orderNo };
}

function changeRecords({ key, payment, version }: OrderWrite, n: number): ChangeRecord[] {
  return payment ? [{ ...toRecord(payment), ...keyRecord(key), n, read_version: version }] : [];
}

function outcomeRecords(order: OrderWrite, n: number): object[] {
  const condition = isUnchanged(order) ? {} : { n };
  return order.outcomes.map(({ outcome, source, at, change }) => ({
    ...keyRecord(order.key),
    ...condition,
    source,
    outcome,
    from_state: change?.from,
    to_state: change?.to,
    seen_at: at,
  }));
}

function eventRecords({ key, events }: OrderWrite, n: number): object[] {
  return events.map(({ event, dueAt }) => {
    return { ...keyRecord(key), n, id: event.id, type: event.type, body: event, due_at: dueAt };
  });
}

/** Tells the order of records to the statement that inserts them. */
function numbered(records: readonly object[]): object[] {
  return records.map((record, i) => ({ i, ...record }));
}

/** The order in which a statement locks its rows: any, so long as it is the same for all. */
function byKey(a: ChangeRecord, b: ChangeRecord): number {
  return compare(a.merchant_no, b.merchant_no) || compare(a.order_no, b.order_no);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

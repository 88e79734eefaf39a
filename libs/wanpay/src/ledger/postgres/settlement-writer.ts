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
  /** When its check is to be at the latest, unless it is paid. */
  readonly checkAt?: Date | undefined;
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
  constructor(
    private readonly db: Database,
    private readonly origin: string,
  ) {}

  /** Rejects when nothing was written. */
  async write(orders: readonly OrderWrite[]): Promise<Written> {
    const absent = orders.filter(({ version }) => version === undefined);
    const statement = settlementStatement(this.db, { absent: absent.length > 0, hastened: orders.some(isHastened) });
    if (absent.length > 0) return this.writeUnderLocks(statement, orders, absent);
    return toWritten(orders, await this.db.query<WrittenColumn>(statement, this.valuesOf(orders)));
  }

  /** Whoever takes several locks takes them in one order, so that nobody waits in a circle. */
  private writeUnderLocks(
    statement: string,
    orders: readonly OrderWrite[],
    absent: readonly OrderWrite[],
  ): Promise<Written> {
    const locks = absent.map(({ key }) => BigInt(orderLock(this.db.schema, key)));
    locks.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const keys = orders.flatMap(({ key, version }, n) => (version === undefined ? [{ n, ...keyRecord(key) }] : []));
    return this.db.transaction(async (client) => {
      await this.db.queryOn(client, 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', [
        locks.map(String),
      ]);
      const values = [...this.valuesOf(orders), JSON.stringify(keys)];
      return toWritten(orders, await this.db.queryOn<WrittenColumn>(client, statement, values));
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

interface ChangeRecord extends Partial<PaymentRecord> {
  readonly merchant_no: string;
  readonly order_no: string;
  readonly n: number;
  readonly read_version: string | undefined;
  readonly check_at: Date | undefined;
}

/** A payment that was read and stays as it is: its outcomes are recorded whatever becomes of it meanwhile. */
function isUnchanged(order: OrderWrite): boolean {
  return order.version !== undefined && !order.payment && !isHastened(order);
}

/** A payment that was read and stays as it is, but for being asked after. */
function isHastened({ payment, checkAt }: OrderWrite): boolean {
  return !payment && checkAt !== undefined;
}

function keyRecord({ merchantNo, orderNo }: PaymentKey): { merchant_no: string; order_no: string } {
  return { merchant_no: merchantNo, order_no: orderNo };
}

function changeRecords(order: OrderWrite, n: number): ChangeRecord[] {
  const { key, payment, version, checkAt } = order;
  if (!payment && !isHastened(order)) return [];
  const record = { ...keyRecord(key), n, read_version: version, check_at: checkAt };
  return [{ ...(payment && toRecord(payment)), ...record }];
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

import type { Database, Row } from './database.js';
import { orderLock } from './locks.js';
import { toTexts } from './payment-rows.js';
import { byKey, isHastened, isUnchanged, type NumberedOrder, type OrderWrite } from './settlement-rows.js';
import { type BatchRows, settlementStatement } from './settlement-statement.js';

/** What a statement wrote. */
export interface Written {
  /** The places of the orders that were still as they had been read; nothing was written of the others. */
  readonly orders: ReadonlySet<number>;
  /** The ids of the events that are owed now and were not before. */
  readonly events: ReadonlySet<string>;
}

/** Writes many orders with one statement. */
export class SettlementWriter {
  constructor(private readonly db: Database) {}

  /** Rejects when nothing was written. */
  async write(orders: readonly OrderWrite[]): Promise<Written> {
    const rows = rowsOf(orders);
    const absent = rows.absent.length > 0;
    const kind = { absent, hastened: orders.some(isHastened), issued: orders.some(({ isIssued }) => isIssued) };
    const { text, values } = settlementStatement(this.db, kind, rows);
    if (!absent) return toWritten(orders, await this.db.query<WrittenColumn>(text, values));
    return this.db.transaction(async (client) => {
      await this.db.queryOn(client, 'SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', [
        this.locksOf(rows.absent),
      ]);
      return toWritten(orders, await this.db.queryOn<WrittenColumn>(client, text, values));
    });
  }

  /** Whoever takes several locks takes them in one order, so that nobody waits in a circle. */
  private locksOf(orders: readonly OrderWrite[]): readonly string[] {
    const locks = orders.map(({ key }) => BigInt(orderLock(this.db.schema, key)));
    return locks.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map(String);
  }
}

type WrittenColumn = 'orders' | 'events';

function toWritten(orders: readonly OrderWrite[], [row]: readonly Row<WrittenColumn>[]): Written {
  const written = new Set(toTexts(row?.orders ?? null)?.map(Number));
  for (const [n, order] of orders.entries()) if (isUnchanged(order)) written.add(n);
  return { orders: written, events: new Set(toTexts(row?.events ?? null)) };
}

function rowsOf(orders: readonly OrderWrite[]): BatchRows {
  const numbered = orders.map((order, n): NumberedOrder => ({ ...order, n }));
  return {
    changed: numbered.filter((order) => order.payment ?? isHastened(order)).sort((a, b) => byKey(a.key, b.key)),
    outcomes: numbered.flatMap((order) => {
      const n = isUnchanged(order) ? undefined : order.n;
      return order.outcomes.map((seen) => ({ n, key: order.key, seen }));
    }),
    events: numbered.flatMap(({ n, key, events }) => events.map((owed) => ({ n, key, owed }))),
    absent: numbered.filter(({ version }) => version === undefined),
  };
}

import type { Settled } from '../ledger.js';
import type { Database } from './database.js';
import { type ForeseenReport, type ForeseenRow, ForeseenStatement } from './foreseen-statement.js';
import { toPayment } from './payment-rows.js';
import { byKey } from './settlement-rows.js';

/**
 * Settles what can be foreseen without reading it first: in one statement, and so with one round trip, where reading,
 * computing and writing takes two.
 *
 * The statement looks for itself whether a payment is as was foreseen, and writes nothing of one that is not.
 */
export class ForeseenWriter {
  private readonly statement: ForeseenStatement;

  constructor(private readonly db: Database) {
    this.statement = new ForeseenStatement(db);
  }

  /**
   * @param reports of different orders
   * @returns what was settled; the others are to be read. Rejects when nothing was written
   */
  async write<Item extends ForeseenReport>(reports: readonly Item[]): Promise<ReadonlyMap<Item, Settled>> {
    const sorted = [...reports].sort((a, b) => byKey(a.report, b.report));
    const { text, values } = this.statement.of(sorted);
    const rows = await this.db.query<keyof ForeseenRow>(text, values);
    const settled = new Map<Item, Settled>();
    for (const row of rows) {
      const item = sorted[Number(row.place) - 1];
      if (item) settled.set(item, toSettled(row, item));
    }
    return settled;
  }
}

function toSettled(row: ForeseenRow, { foreseen }: ForeseenReport): Settled {
  const payment = toPayment(row);
  const event = Object.assign({}, foreseen.event, { livemode: payment.livemode, payment });
  return { payment, events: row.owed_id === null ? [] : [event], unconfirmed: false };
}

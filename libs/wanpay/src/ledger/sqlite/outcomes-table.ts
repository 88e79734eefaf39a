import type { OutcomeSeen, OutcomeSource } from '../ledger.js';
import type { PaymentKey, PaymentState } from '../payment.js';
import { readOutcome, writeRecord } from '../record.js';
import { type Connection, numberOf, type Row, textOf } from './connection.js';

/** Something with its place in the order in which the ledger came to know it. */
export interface Numbered<Entry> {
  readonly seq: number;
  readonly entry: Entry;
}

/** How an outcome can be learnt. */
export const SOURCES: readonly OutcomeSource[] = ['notification', 'query'];
/** Where a payment can stand. */
export const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];

const INSERT = `INSERT INTO wanpay_outcomes (seq, merchant_no, order_no, at, source, state_before, state_after, document)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

/** What the platform said; each call is made inside a transaction that the caller holds. */
export class OutcomesTable {
  constructor(private readonly connection: Connection) {}

  insert(seq: number, { merchantNo, orderNo }: PaymentKey, { at, source, outcome, change }: OutcomeSeen): void {
    this.connection.run(
      INSERT,
      ...[seq, merchantNo, orderNo, at.getTime(), source, change?.from ?? null, change?.to ?? null],
      writeRecord(outcome),
    );
  }

  ofOrder({ merchantNo, orderNo }: PaymentKey): readonly Numbered<OutcomeSeen>[] {
    const rows = this.connection.all(
      `SELECT seq, at, source, state_before, state_after, document FROM wanpay_outcomes
       WHERE merchant_no = ? AND order_no = ? ORDER BY seq`,
      ...[merchantNo, orderNo],
    );
    return rows.map((row) => ({ seq: numberOf(row, 'seq'), entry: toOutcomeSeen(row) }));
  }

  deleteOfOrder({ merchantNo, orderNo }: PaymentKey): void {
    this.connection.run('DELETE FROM wanpay_outcomes WHERE merchant_no = ? AND order_no = ?', merchantNo, orderNo);
  }

  /** 0 when there is none. */
  lastSeq(): number {
    const [row] = this.connection.all('SELECT coalesce(max(seq), 0) AS seq FROM wanpay_outcomes');
    return row ? numberOf(row, 'seq') : 0;
  }
}

function toOutcomeSeen(row: Row): OutcomeSeen {
  const seen: OutcomeSeen = {
    kind: 'outcome',
    at: new Date(numberOf(row, 'at')),
    source: oneOf(SOURCES, row, 'source'),
    outcome: readOutcome(textOf(row, 'document')),
  };
  if (row.state_before === null) return seen;
  return { ...seen, change: { from: oneOf(STATES, row, 'state_before'), to: oneOf(STATES, row, 'state_after') } };
}

function oneOf<Word extends string>(words: readonly Word[], row: Row, column: string): Word {
  const text = textOf(row, column);
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new TypeError(`The column ${column} of the ledger holds ${text}.`);
}

import type { KeptRecord, KeptRecordQuery } from '../store.js';
import { allOf, type Condition, type Scalar } from './conditions.js';
import { toKept } from './rows.js';
import type { SharedStatements } from './server-orders.js';

/** The statements of {@link RecordStore.keep}: they write a record and remove the old ones of its kind. */
export function keeping({ kind, id, at, document }: KeptRecord, since: Date): readonly Condition<Scalar>[] {
  return [
    { sql: 'DELETE FROM wanpay_records WHERE kind = ? AND at < ?', values: [kind, since] },
    {
      sql: 'REPLACE INTO wanpay_records (kind, at, id, document) VALUES (?, ?, ?, ?)',
      values: [kind, at, id, document],
    },
  ];
}

/** {@link RecordStore.list} on a server. */
export async function listRecords(db: SharedStatements, query: KeptRecordQuery): Promise<readonly KeptRecord[]> {
  return (await db.select(keptPageOf(query))).map(toKept);
}

/** Selects what {@link RecordStore.list} lists. */
export function keptPageOf({ kind, at, before, limit }: KeptRecordQuery): Condition {
  const when = allOf([at && { sql: 'at = ?', values: [at] }, before && { sql: 'at < ?', values: [before] }]);
  return {
    sql: `SELECT * FROM wanpay_records WHERE kind = ?${when.sql} ORDER BY at DESC, id DESC LIMIT ?`,
    values: [kind, ...when.values, limit],
  };
}

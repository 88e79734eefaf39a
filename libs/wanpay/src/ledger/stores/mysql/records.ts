import type { KeptRecord, KeptRecordQuery } from '../../store.js';
import { allOf } from '../conditions.js';
import { toKept } from '../rows.js';
import type { Database } from './database.js';

/** {@link RecordStore.keep} */
export async function keepRecord(db: Database, { kind, id, at, document }: KeptRecord, since: Date): Promise<void> {
  await db.change(async (run) => {
    await run('DELETE FROM wanpay_records WHERE kind = ? AND at < ?', [kind, since]);
    await run('REPLACE INTO wanpay_records (kind, at, id, document) VALUES (?, ?, ?, ?)', [kind, at, id, document]);
  });
}

/** {@link RecordStore.list} */
export async function listRecords(
  db: Database,
  { kind, at, before, limit }: KeptRecordQuery,
): Promise<readonly KeptRecord[]> {
  const when = allOf([at && { sql: 'at = ?', values: [at] }, before && { sql: 'at < ?', values: [before] }]);
  const sql = `SELECT * FROM wanpay_records WHERE kind = ?${when.sql} ORDER BY at DESC, id DESC LIMIT ?`;
  return (await db.read(sql, [kind, ...when.values, limit])).map(toKept);
}

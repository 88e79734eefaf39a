import type { KeptRecord, KeptRecordQuery } from '../../store.js';
import { toKept } from '../rows.js';
import { type Connection, EVER, NEVER } from './connection.js';

/** {@link RecordStore.keep} */
export function keepRecord(db: Connection, { kind, id, at, document }: KeptRecord, since: Date): void {
  db.run('DELETE FROM wanpay_records WHERE kind = ? AND at < ?', kind, since);
  db.run('INSERT OR REPLACE INTO wanpay_records (kind, at, id, document) VALUES (?, ?, ?, ?)', kind, at, id, document);
}

/** {@link RecordStore.list} */
export function listRecords(db: Connection, { kind, at, before, limit }: KeptRecordQuery): readonly KeptRecord[] {
  const until = Math.min(Number(before ?? NEVER), Number(at ?? NEVER) + 1);
  return db
    .all(
      'SELECT * FROM wanpay_records WHERE kind = ? AND at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?',
      ...[kind, at ?? EVER, until, limit],
    )
    .map(toKept);
}

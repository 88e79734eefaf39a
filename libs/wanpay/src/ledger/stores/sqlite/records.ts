import type { KeptRecord, KeptRecordQuery } from '../../store.js';
import { keeping, keptPageOf } from '../record-statements.js';
import { toKept } from '../rows.js';
import type { Connection } from './connection.js';

/** {@link RecordStore.keep} */
export function keepRecord(db: Connection, record: KeptRecord, since: Date): void {
  for (const { sql, values } of keeping(record, since)) db.run(sql, ...values);
}

/** {@link RecordStore.list} */
export function listRecords(db: Connection, query: KeptRecordQuery): readonly KeptRecord[] {
  return db.select(keptPageOf(query)).map(toKept);
}

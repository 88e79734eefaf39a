import type { KeptRecord, KeptRecordQuery } from '../../store.js';
import { keeping, keptPageOf } from '../record-statements.js';
import { toKept } from '../rows.js';
import type { Database } from './database.js';

/** {@link RecordStore.keep} */
export async function keepRecord(db: Database, record: KeptRecord, since: Date): Promise<void> {
  await db.change(async (run) => {
    for (const { sql, values } of keeping(record, since)) await run(sql, values);
  });
}

/** {@link RecordStore.list} */
export async function listRecords(db: Database, query: KeptRecordQuery): Promise<readonly KeptRecord[]> {
  return (await db.select(keptPageOf(query))).map(toKept);
}

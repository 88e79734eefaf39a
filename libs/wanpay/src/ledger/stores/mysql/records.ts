import type { KeptRecord } from '../../store.js';
import { keeping } from '../record-statements.js';
import type { Database } from './database.js';

export { listRecords } from '../record-statements.js';

/** {@link RecordStore.keep} */
export async function keepRecord(db: Database, record: KeptRecord, since: Date): Promise<void> {
  await db.change(async (run) => {
    for (const { sql, values } of keeping(record, since)) await run(sql, values);
  });
}

import type { KeptRecord, KeptRecordQuery } from '../../store.js';
import { keptPageOf } from '../record-statements.js';
import { toKept } from '../rows.js';
import type { Database } from './database.js';

/** {@link RecordStore.keep} */
export async function keepRecord(db: Database, { kind, id, at, document }: KeptRecord, since: Date): Promise<void> {
  await db.query(
    `WITH removed AS (DELETE FROM {records} WHERE kind = $1::text AND at < $5::bigint)
    INSERT INTO {records} (kind, at, id, document) VALUES ($1::text, $2::bigint, $3, $4)
    ON CONFLICT (kind, at, id) DO UPDATE SET document = excluded.document`,
    [kind, at, id, document, since],
  );
}

/** {@link RecordStore.list} */
export async function listRecords(db: Database, query: KeptRecordQuery): Promise<readonly KeptRecord[]> {
  return (await db.select(keptPageOf(query))).map(toKept);
}

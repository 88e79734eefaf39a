import type { KeptRecord } from '../../store.js';
import type { Database } from './database.js';

export { listRecords } from '../record-statements.js';

/** {@link RecordStore.keep} */
export async function keepRecord(db: Database, { kind, id, at, document }: KeptRecord, since: Date): Promise<void> {
  await db.query(
    `WITH removed AS (DELETE FROM {records} WHERE kind = $1::text AND at < $5::bigint)
    INSERT INTO {records} (kind, at, id, document) VALUES ($1::text, $2::bigint, $3, $4)
    ON CONFLICT (kind, at, id) DO UPDATE SET document = excluded.document`,
    [kind, at, id, document, since],
  );
}

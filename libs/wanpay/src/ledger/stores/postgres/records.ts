import type { KeptRecord, KeptRecordQuery } from '../../store.js';
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
export async function listRecords(
  db: Database,
  { kind, at, before, limit }: KeptRecordQuery,
): Promise<readonly KeptRecord[]> {
  const rows = await db.queryAnew(
    `SELECT * FROM {records} WHERE kind = $1 AND ($2::bigint IS NULL OR at = $2) AND ($3::bigint IS NULL OR at < $3)
    ORDER BY at DESC, id DESC LIMIT $4::integer`,
    [kind, at, before, limit],
  );
  return rows.map(toKept);
}

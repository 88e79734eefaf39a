import type { Lease } from '../../store.js';
import type { Database } from './database.js';

/** Takes, renews or gives back a lease; the statement locks its row. A lease is given back by letting it lapse. */
export async function lease(db: Database, { name, holder, now, until }: Lease): Promise<boolean> {
  const rows = await db.query(
    `INSERT INTO {leases} AS held (name, holder, until) VALUES ($1, $2, $4::bigint)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE held.holder = excluded.holder OR held.until <= $3::bigint RETURNING name`,
    [name, holder, now, until ?? now],
  );
  return until !== undefined && rows.length > 0;
}

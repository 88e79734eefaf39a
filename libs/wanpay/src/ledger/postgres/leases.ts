import type { Database } from './database.js';

/** The named leases, of which the statement that writes one locks its row. */
export class Leases {
  constructor(private readonly db: Database) {}

  /** {@link Ledger.takeLease} */
  async take(name: string, holder: string, now: Date, until: Date): Promise<boolean> {
    const rows = await this.db.query(
      `INSERT INTO ${this.db.table('leases')} AS held (name, holder, until) VALUES ($1, $2, $4::timestamptz)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE held.holder = excluded.holder OR held.until <= $3::timestamptz
      RETURNING name`,
      [name, holder, now.toISOString(), until.toISOString()],
    );
    return rows.length > 0;
  }

  /** {@link Ledger.dropLease} */
  async drop(name: string, holder: string): Promise<void> {
    await this.db.query(`DELETE FROM ${this.db.table('leases')} WHERE name = $1 AND holder = $2`, [name, holder]);
  }
}

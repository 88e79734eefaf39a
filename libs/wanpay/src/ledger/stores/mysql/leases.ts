import type { Lease } from '../../store.js';
import type { Database } from './database.js';

/** Takes, renews or gives back a lease, whose row is locked meanwhile. */
export function lease(db: Database, { name, holder, now, until }: Lease): Promise<boolean> {
  return db.change(async (run) => {
    if (!until) {
      await run('DELETE FROM wanpay_leases WHERE name = ? AND holder = ?', [name, holder]);
      return false;
    }
    const [held] = (await run('SELECT holder, `until` FROM wanpay_leases WHERE name = ? FOR UPDATE', [name])).rows;
    if (held && held.holder !== holder && Number(held.until) > now.getTime()) return false;
    const write = held
      ? 'UPDATE wanpay_leases SET holder = ?, `until` = ? WHERE name = ?'
      : 'INSERT INTO wanpay_leases (holder, `until`, name) VALUES (?, ?, ?)';
    await run(write, [holder, until, name]);
    return true;
  });
}

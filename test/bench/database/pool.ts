import pg from 'pg';

/** As many connections as are quickest for one transaction per notification on two processors; everyone gets as many. */
const CONNECTIONS = 16;

/** A pool for either side of a comparison. */
export function createPool(connectionString: string): pg.Pool {
  return new pg.Pool({ connectionString, max: CONNECTIONS });
}

import type { Condition, Scalar, Value } from './conditions.js';

/** A statement as text, in which its values have yet to be written; or one that is to be prepared, with its values. */
export interface Statement {
  readonly sql: string | Condition<Scalar>;
  readonly values: readonly Value[];
  /** How many rows it must affect. */
  readonly affects?: number;
}

type Rows = readonly (readonly Scalar[])[];

/** A prepared statement has a multiple of so many rows. */
const UNIT = 8;
/** With more, or of every size, there would be more statements than a server keeps for all of its connections. */
const MOST = 64;

/**
 * Inserts rows. Of many, most are inserted by prepared statements, since the server takes a quarter of its time for reading long
 * ones; the rest by one that is text.
 *
 * @param sql has `VALUES ?` for the rows
 * @param affected how often the server counts each row
 */
export function insertions(sql: string, rows: Rows, affected?: number): readonly Statement[] {
  const statements: Statement[] = [];
  for (let from = 0; from < rows.length;) {
    const left = rows.length - from;
    const some = rows.slice(from, from + Math.min(left < UNIT ? left : left - (left % UNIT), MOST));
    statements.push({
      ...(left < UNIT ? { sql, values: [some] } : { sql: withPlaces(sql, some), values: [] }),
      ...(affected === undefined ? {} : { affects: affected * some.length }),
    });
    from += some.length;
  }
  return statements;
}

/** With a question mark for each value. */
function withPlaces(sql: string, rows: Rows): Condition<Scalar> {
  const row = `(${(rows[0] ?? []).map(() => '?').join(', ')})`;
  return { sql: sql.replace('VALUES ?', `VALUES ${rows.map(() => row).join(', ')}`), values: rows.flat() };
}

import type { Condition, Scalar, Value } from '../conditions.js';

/** A text statement, into which `values` are still to be written, or a statement to prepare, which has its values. */
export interface Statement {
  readonly sql: string | Condition<Scalar>;
  readonly values: readonly Value[];
  /** How many rows it must affect. */
  readonly affects?: number;
}

type Rows = readonly (readonly Scalar[])[];

/** A prepared statement has a multiple of this number of rows. */
const UNIT = 8;
/** The most rows of a prepared statement. With more sizes, a server could not keep the statements of all its connections. */
const MOST = 64;

/**
 * Returns the statements that insert rows. Most rows of a large batch go into prepared statements, because the server spends a
 * quarter of its time on reading long text statements. The rest go into a text statement.
 *
 * @param sql contains `VALUES ?` for the rows
 * @param affected how many times the server counts each row as affected
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

/** Writes a question mark for each value. */
function withPlaces(sql: string, rows: Rows): Condition<Scalar> {
  const row = `(${(rows[0] ?? []).map(() => '?').join(', ')})`;
  return { sql: sql.replace('VALUES ?', `VALUES ${rows.map(() => row).join(', ')}`), values: rows.flat() };
}

import type { SqliteDatabase, SqliteStatement, SqliteValue } from './driver.js';

/** A row as a driver gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** A database handle with its prepared statements: each is prepared once, when it is first used. */
export class Connection {
  private readonly statements = new Map<string, SqliteStatement>();

  /** @param database the driver's own handle */
  constructor(readonly database: SqliteDatabase) {}

  /** Runs a statement that returns nothing; returns how many rows it changed. */
  run(sql: string, ...values: readonly SqliteValue[]): number {
    return Number(this.statement(sql).run(...values).changes);
  }

  /** Runs a statement to its end, so that it holds no lock when this returns. */
  all(sql: string, ...values: readonly SqliteValue[]): readonly Row[] {
    return Array.from(this.statement(sql).all(...values), toRow);
  }

  private statement(sql: string): SqliteStatement {
    const prepared = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, prepared);
    return prepared;
  }
}

/**
 * A column's text.
 *
 * @throws TypeError when it holds something else
 */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  throw new TypeError(`The column ${column} of the ledger does not hold text.`);
}

/**
 * A column's number.
 *
 * @throws TypeError when it holds something else
 */
export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === 'number') return value;
  throw new TypeError(`The column ${column} of the ledger does not hold a number.`);
}

function toRow(value: unknown): Row {
  if (isRow(value)) return value;
  throw new TypeError('The SQLite driver gave a row that is no object.');
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

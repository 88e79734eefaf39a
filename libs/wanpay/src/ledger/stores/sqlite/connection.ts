import { type Condition, withoutLists } from '../conditions.js';
import type { FileWatch } from '../database-file/file-watch.js';
import { isRow, type Row } from '../rows.js';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from './driver.js';

/** What is written as a value: moments as milliseconds, what is missing as NULL. */
export type Bindable = SqliteValue | boolean | Date | undefined;

/** Before and after every moment that there is, and every position. */
export const [EVER, NEVER] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];

/** A database handle with its prepared statements: each is prepared once, when it is first used. */
export class Connection {
  private readonly statements = new Map<string, SqliteStatement>();
  /** Looks after the files, once there is something to lose. */
  watch?: FileWatch;

  /** @param database the driver's own handle */
  constructor(readonly database: SqliteDatabase) {}

  /** Runs a statement that returns nothing; returns how many rows it changed. */
  run(sql: string, ...values: readonly Bindable[]): number {
    return Number(this.statement(sql).run(...values.map(toValue)).changes);
  }

  /** Runs a statement to its end, so that it holds no lock when this returns. */
  all(sql: string, ...values: readonly Bindable[]): readonly Row[] {
    return this.statement(sql)
      .all(...values.map(toValue))
      .filter(isRow);
  }

  /** Runs a shared statement, whose values may be lists. */
  select(statement: Condition): readonly Row[] {
    const { sql, values } = withoutLists(statement);
    return this.all(sql, ...values);
  }

  first(sql: string, ...values: readonly Bindable[]): Row | undefined {
    return this.all(sql, ...values)[0];
  }

  /**
   * Does all of the work or, when it throws, none. What it returns is in the files that are there.
   *
   * @throws LedgerFileLostError
   */
  transact<T>(work: () => T, begin = 'BEGIN'): T {
    this.watch?.assertKept();
    const result = this.commit(work, begin);
    this.watch?.check();
    return result;
  }

  private commit<T>(work: () => T, begin: string): T {
    this.run(begin);
    try {
      const result = work();
      this.watch?.checkLog();
      this.run('COMMIT');
      return result;
    } catch (error) {
      try {
        this.run('ROLLBACK');
      } catch {
        // SQLite has done so by itself, as it does when the disk is full.
      }
      throw error;
    }
  }

  private statement(sql: string): SqliteStatement {
    const known = this.statements.get(sql) ?? this.database.prepare(sql);
    this.statements.set(sql, known);
    return known;
  }
}

function toValue(value: Bindable): SqliteValue {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Date ? value.getTime() : (value ?? null);
}

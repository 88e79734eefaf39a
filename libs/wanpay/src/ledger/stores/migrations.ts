import { SQL_FILES } from './sql-files.js';

/** A step of a store's tables from the version before, as a file of the package's `sql` folder: `0001-ledger.sql` is the first. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Every step of a store's tables, oldest first. Once published, one is never edited: append another. */
export function readMigrations(dialect: keyof typeof SQL_FILES): readonly Migration[] {
  return Object.entries(SQL_FILES[dialect]).map(([file, sql]) => ({ version: Number.parseInt(file, 10), sql }));
}

/** The version that some steps lead to. */
export function latestOf(steps: readonly Migration[]): number {
  return steps.at(-1)?.version ?? 0;
}

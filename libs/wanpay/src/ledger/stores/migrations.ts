import { readdirSync, readFileSync } from 'node:fs';

/** A step of a store's tables from the version before, as a file of the package's `sql` folder: `0001-ledger.sql` is the first. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

const FOLDER = new URL('../../../sql/', import.meta.url);

/** Every step of a store's tables, oldest first. Once published, one is never edited: append another. */
export function readMigrations(dialect: 'postgres' | 'sqlite'): readonly Migration[] {
  const folder = new URL(`${dialect}/`, FOLDER);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ version: Number.parseInt(file, 10), sql: readFileSync(new URL(file, folder), 'utf8') }));
}

/** The version that some steps lead to. */
export function latestOf(steps: readonly Migration[]): number {
  return steps.at(-1)?.version ?? 0;
}

import type { Row } from './rows.js';
import { SchemaTooNewError } from './schema-errors.js';
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

/**
 * The steps that a server's tables have yet to take, of versions that follow each other. Tables that are newer than this code
 * take none, if they say that it can work with them.
 *
 * @param recorded the greatest `version` and `works_with` of their record; none where there are no tables
 * @param schema where they are, if that is said
 * @throws SchemaTooNewError
 */
export function stepsToTake(
  steps: readonly Migration[],
  recorded: Row | undefined,
  schema?: string,
): readonly Migration[] {
  const version = Number(recorded?.version ?? 0);
  if (Number(recorded?.works_with ?? 0) > latestOf(steps))
    throw new SchemaTooNewError(version, latestOf(steps), schema);
  return steps.filter((step) => step.version > version);
}

/** The statements of a step, for a driver that runs one at a time. */
export function statementsOf({ sql }: Migration): readonly string[] {
  const statements = sql.replaceAll(/^--.*$/gm, '').split(/;\s*$/m);
  return statements.filter((statement) => statement.trim() !== '');
}

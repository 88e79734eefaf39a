import { InvalidFieldError } from '../../../../protocol/index.js';
import { type Migration, readMigrations } from '../../migrations.js';
import { partitioned } from './partitions.js';

/** Short enough that names made from it stay within PostgreSQL's 63 bytes; `pg_` is PostgreSQL's own. */
const IDENTIFIER = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/;

/**
 * Every step of the ledger's tables, oldest first. The schema's name in it is `:"schema"`, as psql has it.
 *
 * It ends with the record of its version and of the oldest version of the code that works with the tables after it. That
 * must be the one before or older, so that replicas of both can run during a rolling deploy: add, don't rename or drop what
 * the version before uses.
 */
export const MIGRATIONS = readMigrations('postgres');

/**
 * The SQL that the ledger would run by itself, for those who run it by hand and start with `migrate: false`. Each step runs as
 * it is, in psql or anything like it: one transaction that also records the version.
 *
 * @param options with `partitions`, 2 to 1,024, the tables that grow are hash-partitioned by merchant, for many merchants; a
 * single merchant's rows are all in one partition
 * @throws InvalidFieldError when `schema` is not a plain identifier, or `partitions` out of range
 */
export function postgresMigrations(
  options: { readonly schema?: string; readonly partitions?: number } = {},
): readonly Migration[] {
  const schema = schemaName(options.schema);
  const { partitions } = options;
  return MIGRATIONS.map((whole, i) => {
    const step = i === 0 && partitions !== undefined ? { ...whole, sql: partitioned(whole.sql, partitions) } : whole;
    const first = i === 0 ? `CREATE SCHEMA IF NOT EXISTS "${schema}";\n\n` : '';
    return { version: step.version, sql: `BEGIN;\n\n${first}${migrationSql(step, schema)}\nCOMMIT;\n` };
  });
}

/** A step in a schema that exists. */
export function migrationSql({ sql }: Migration, schema: string): string {
  return sql.replaceAll(':"schema"', `"${schema}"`);
}

/**
 * The name of the schema that holds the ledger's tables.
 *
 * @throws InvalidFieldError
 */
export function schemaName(schema = 'wanpay'): string {
  if (IDENTIFIER.test(schema)) return schema;
  throw new InvalidFieldError(
    'schema',
    'must be 1 to 40 lower-case letters, digits and underscores, and begin with neither a digit nor pg_.',
  );
}

import { InvalidFieldError } from '../../../protocol/index.js';

const DEFAULT_SCHEMA = 'wanpay';
/** Short enough that names made from it stay within PostgreSQL's 63 bytes; `pg_` is PostgreSQL's own. */
const IDENTIFIER = /^(?!pg_)[a-z_][a-z0-9_]{0,39}$/;

/**
 * The name of the schema that holds the ledger's tables.
 *
 * @throws InvalidFieldError
 */
export function schemaName(schema = DEFAULT_SCHEMA): string {
  if (IDENTIFIER.test(schema)) return schema;
  throw new InvalidFieldError(
    'schema',
    'must be 1 to 40 lower-case letters, digits and underscores, and begin with neither a digit nor pg_.',
  );
}

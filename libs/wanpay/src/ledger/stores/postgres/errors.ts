import { WanPayError } from '../../../protocol/index.js';
import { StoreUnavailableError } from '../../errors.js';

/** `postgres({ connectionString })` needs the host to have `pg` installed. */
export class PgMissingError extends WanPayError {
  readonly code = 'pg_missing';

  constructor(cause: unknown) {
    super('The PostgreSQL ledger needs the pg package: npm install pg.', { cause });
  }
}

/** PostgreSQL can't be reached, does not answer, or refuses us; the cause says why, without the connection. */
export class PostgresUnavailableError extends StoreUnavailableError {
  override readonly code = 'postgres_unavailable';
}

/** The ledger's tables are missing or of an older version, and the ledger was told not to migrate them. */
export class MigrationRequiredError extends WanPayError {
  readonly code = 'migration_required';

  constructor(
    readonly schema: string,
    /** The version of the tables; 0 when there are none. */
    readonly found: number,
    readonly required: number,
  ) {
    super(
      `The ledger's tables in schema ${schema} are at version ${found}, and ${required} is needed. Start once without ` +
        `migrate: false, or run the SQL of postgresMigrations({ schema: '${schema}' }) with a version above ${found}.`,
    );
  }
}

/** The ledger's tables were brought to a version that this code can't work with: deploy the newer code. */
export class SchemaTooNewError extends WanPayError {
  readonly code = 'schema_too_new';

  constructor(
    readonly schema: string,
    readonly found: number,
    readonly supported: number,
  ) {
    super(
      `The ledger's tables in schema ${schema} are at version ${found}, which works only with newer code: ` +
        `this one knows version ${supported}. Deploy a newer nestjs-wanpay.`,
    );
  }
}

import { WanPayError } from '../../protocol/index.js';

/** The ledger's tables are missing or of an older version, and the ledger was told not to migrate them. */
export class MigrationRequiredError extends WanPayError {
  readonly code = 'migration_required';

  /**
   * @param found the version of the tables; 0 when there are none
   * @param sql what gives the SQL of the versions above
   * @param schema where they are, if that is said
   */
  constructor(
    readonly found: number,
    readonly required: number,
    sql: string,
    readonly schema?: string,
  ) {
    super(
      `The ledger's ${tables(schema)} are at version ${found}, and ${required} is needed. Start once without ` +
        `migrate: false, or run the SQL of ${sql} with a version above ${found}.`,
    );
  }
}

/** The ledger's tables were brought to a version that this code can't work with: deploy the newer code. */
export class SchemaTooNewError extends WanPayError {
  readonly code = 'schema_too_new';

  constructor(
    readonly found: number,
    readonly supported: number,
    readonly schema?: string,
  ) {
    super(
      `The ledger's ${tables(schema)} are at version ${found}, which works only with newer code: ` +
        `this one knows version ${supported}. Deploy a newer nestjs-wanpay.`,
    );
  }
}

function tables(schema: string | undefined): string {
  return schema === undefined ? 'tables' : `tables in schema ${schema}`;
}

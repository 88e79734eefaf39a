import { type Command, InvalidArgumentError, Option } from 'commander';
import { mysqlMigrations } from '../ledger/stores/mysql/index.js';
import { postgresMigrations } from '../ledger/stores/postgres/index.js';
import { type CommonOptions, withSchemaOption } from './options.js';
import type { Surroundings } from './surroundings.js';

interface MigrationsOptions extends CommonOptions {
  readonly schema?: string;
  readonly mysql?: true;
  readonly above?: number;
}

/** `migrations`: prints the SQL of the ledger's tables in PostgreSQL or MySQL, to be run by hand. */
export function addMigrations(program: Command, surroundings: Surroundings): void {
  withSchemaOption(program.command('migrations'))
    .description('print the SQL of the ledger’s tables, for psql; with --mysql, for mysql')
    .addOption(
      new Option('--mysql', 'the SQL for MySQL and MariaDB, for the database that it is run in').conflicts('schema'),
    )
    .option('--above <version>', 'only what follows this version', readVersion)
    .option('--json', 'print JSON, for programs')
    .action(async (options: MigrationsOptions) => {
      const { above = 0, schema, mysql } = options;
      await surroundings.finish(options, () => {
        const all = mysql ? mysqlMigrations() : postgresMigrations(schema === undefined ? {} : { schema });
        const migrations = all.filter(({ version }) => version > above);
        const text = migrations.map(({ sql }) => sql.trimEnd()).join('\n\n');
        return Promise.resolve({ text, isVerbatim: true, json: migrations, ok: true });
      });
    });
}

function readVersion(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number, such as 1.');
  return Number(text);
}

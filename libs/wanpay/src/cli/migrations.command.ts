import { type Command, InvalidArgumentError } from 'commander';
import { postgresMigrations } from '../ledger/stores/postgres/index.js';
import { type CommonOptions, withSchemaOption } from './options.js';
import type { Surroundings } from './surroundings.js';

interface MigrationsOptions extends CommonOptions {
  readonly schema?: string;
  readonly above?: number;
}

/** `migrations`: the SQL of the PostgreSQL ledger's tables, for those who run it by hand. */
export function addMigrations(program: Command, surroundings: Surroundings): void {
  withSchemaOption(program.command('migrations'))
    .description('print the SQL of the PostgreSQL ledger’s tables, for psql')
    .option('--above <version>', 'only what follows this version', readVersion)
    .option('--json', 'print JSON, for programs')
    .action(async (options: MigrationsOptions) => {
      const { above = 0, schema } = options;
      await surroundings.finish(options, () => {
        const migrations = postgresMigrations(schema === undefined ? {} : { schema }).filter(
          ({ version }) => version > above,
        );
        const text = migrations.map(({ sql }) => sql.trimEnd()).join('\n\n');
        return Promise.resolve({ text, isVerbatim: true, json: migrations, ok: true });
      });
    });
}

function readVersion(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('It is a whole number, such as 1.');
  return Number(text);
}

import { existsSync } from 'node:fs';
import { Ledger } from '../ledger/ledger.js';
import type { LedgerStore } from '../ledger/store.js';
import { mysql } from '../ledger/stores/mysql/index.js';
import { postgres } from '../ledger/stores/postgres/index.js';
import { LedgerInUseError, sqlite } from '../ledger/stores/sqlite/index.js';
import { UsageError } from './errors.js';
import type { LedgerOptions } from './options.js';
import type { Surroundings } from './surroundings.js';

/** Which ledger is meant; undefined when none is named. */
export type LedgerPlace =
  | { readonly kind: 'postgres'; readonly connectionString: string; readonly schema?: string }
  | { readonly kind: 'mysql'; readonly uri: string }
  | { readonly kind: 'sqlite'; readonly file: string };

/** Where the ledger is, by the command line, else by `WANPAY_DATABASE_URL`, whose scheme says what it is. */
export function ledgerPlaceOf(options: LedgerOptions, env: Surroundings['env']): LedgerPlace | undefined {
  if (options.sqlite !== undefined) return { kind: 'sqlite', file: options.sqlite };
  if (options.mysql !== undefined) return { kind: 'mysql', uri: options.mysql };
  const address = env.WANPAY_DATABASE_URL ?? '';
  const [, scheme, file = ''] = /^(\w+):(?:\/\/)?(.*)$/.exec(address) ?? [];
  if (options.postgres === undefined && (scheme === 'mysql' || scheme === 'mariadb')) {
    return { kind: 'mysql', uri: address.replace(/^mariadb/, 'mysql') };
  }
  if (options.postgres === undefined && (scheme === 'sqlite' || scheme === 'file')) return { kind: 'sqlite', file };
  const connectionString = options.postgres ?? address;
  if (!connectionString) return undefined;
  return { kind: 'postgres', connectionString, ...(options.schema === undefined ? {} : { schema: options.schema }) };
}

/**
 * Where the ledger is, for a command that needs one.
 *
 * @throws UsageError when none is named
 */
export function requireLedgerPlace(options: LedgerOptions, env: Surroundings['env']): LedgerPlace {
  const place = ledgerPlaceOf(options, env);
  if (!place) throw new UsageError('Which ledger? Give --postgres, --mysql or --sqlite, or set WANPAY_DATABASE_URL.');
  return place;
}

/**
 * Works with a ledger, and lets go of it. PostgreSQL's tables are the host's to migrate. Nothing is delivered here: events
 * wait for the host's handlers.
 *
 * @throws UsageError when there is no such file
 */
export async function useLedger<Result>(
  place: LedgerPlace,
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const ledger = new Ledger(openStore(place));
  try {
    await ledger.start();
  } catch (error) {
    if (!(error instanceof LedgerInUseError)) throw error;
    throw new UsageError(
      `${error.file} is in use. An SQLite ledger belongs to one process: stop the host, run this, start it again; or ` +
        'let the host do it, with WanPayService.',
    );
  }
  try {
    return await work(ledger);
  } finally {
    await ledger.stop();
  }
}

/** A store that is there already: PostgreSQL's only checks its tables. */
function openStore(place: LedgerPlace): LedgerStore {
  if (place.kind === 'postgres') return postgres({ ...place, migrate: false });
  if (place.kind === 'mysql') return mysql({ uri: place.uri, migrate: false, pollEveryMs: false });
  // SQLite would make it, and a name that was mistyped is no empty ledger.
  if (!existsSync(place.file)) throw new UsageError(`There is no file ${place.file}.`);
  return sqlite({ file: place.file });
}

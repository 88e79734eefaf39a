import { messageOf } from '../database-file/explain.js';
import { DriverMissingError } from './errors.js';

/** The drivers that are known: Node's own `node:sqlite`, and two packages that a host may install. */
export const DRIVER_NAMES = ['node', 'better-sqlite3', 'libsql'] as const;

/** `node` needs Node 22.13 or newer; the others are optional peers. */
export type DriverName = (typeof DRIVER_NAMES)[number];

/** What can be bound to a parameter. */
export type SqliteValue = string | number | null;

/** A prepared statement, as far as all drivers agree on it. */
export interface SqliteStatement {
  run(...values: readonly SqliteValue[]): { readonly changes: number | bigint };
  all(...values: readonly SqliteValue[]): readonly unknown[];
}

/** A database handle, as far as all drivers agree on it; each driver's own has more. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** What opens databases. */
export interface Driver {
  readonly name: DriverName;
  /** Opens a file, and creates it where there is none. */
  open(file: string): SqliteDatabase;
}

const SOURCES: Readonly<Record<DriverName, Readonly<Record<'specifier' | 'member' | 'remedy', string>>>> = {
  node: { specifier: 'node:sqlite', member: 'DatabaseSync', remedy: 'run Node 22.13 or newer' },
  'better-sqlite3': { specifier: 'better-sqlite3', member: 'default', remedy: 'npm install better-sqlite3' },
  libsql: { specifier: 'libsql', member: 'default', remedy: 'npm install libsql' },
};

/**
 * Loads the driver of a given name, or else the first that this process has.
 *
 * @throws DriverMissingError
 */
export async function loadDriver(wanted?: DriverName): Promise<Driver> {
  const candidates = wanted ? [wanted] : DRIVER_NAMES;
  const reasons: string[] = [];
  for (const name of candidates) {
    try {
      return await load(name);
    } catch (error) {
      reasons.push(`${name}: ${messageOf(error)}`);
    }
  }
  const remedies = candidates.map((name) => SOURCES[name].remedy).join(', or: ');
  throw new DriverMissingError(`No SQLite driver can be loaded. Do this: ${remedies}. (${reasons.join('; ')})`);
}

async function load(name: DriverName): Promise<Driver> {
  const { specifier, member } = SOURCES[name];
  // The specifier is a variable so that the compiler asks for the types of none of them, and webpack must not look for it.
  const module: unknown = await import(/* webpackIgnore: true */ specifier);
  const Database = isRecord(module) ? module[member] : undefined;
  if (!isConstructor(Database)) throw new TypeError(`it has no ${member} to construct`);
  const open = (file: string): SqliteDatabase => {
    const database = new Database(file);
    if (!isDatabase(database)) throw new TypeError('what it opens has no prepare, exec and close');
    return database;
  };
  // A package that is there without its native part shows it only when it opens something.
  open(':memory:').close();
  return { name, open };
}

function isConstructor(value: unknown): value is new (file: string) => unknown {
  return typeof value === 'function';
}

function isDatabase(value: unknown): value is SqliteDatabase {
  return isRecord(value) && ['prepare', 'exec', 'close'].every((method) => typeof value[method] === 'function');
}

/** Tells whether a value has fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

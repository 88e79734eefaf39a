import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Command, Option } from 'commander';
import type { Clock } from '../protocol/index.js';
import { readEnvironment } from '../wanpay.config.js';
import type { MerchantOptions, WanPayModuleOptions } from '../wanpay.options.js';
import { UsageError } from './errors.js';
import type { Surroundings } from './surroundings.js';

type Environment = Surroundings['env'];

/** What every command takes. */
export interface CommonOptions {
  readonly json?: true;
  readonly env?: string;
  /** The older name of `env`, which some versions of Node take for themselves. */
  readonly envFile?: string;
}

/** What a command takes that speaks with the platform. */
export interface PlatformOptions extends CommonOptions {
  readonly merchant?: string;
  readonly baseUrl?: string;
}

/** Where the ledger is. */
export interface LedgerOptions {
  readonly postgres?: string;
  readonly schema?: string;
  readonly mysql?: string;
  readonly sqlite?: string;
}

/** Adds the options that every command takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('-e, --env <file>', 'also read variables from a file; those of the environment take precedence')
    .addOption(new Option('--env-file <file>').hideHelp())
    .option('--json', 'print JSON, for programs');
}

/** Adds the options of a command that speaks with the platform. */
export function withPlatformOptions(command: Command): Command {
  return withCommonOptions(command)
    .option('--merchant <number>', 'the merchant, instead of WANPAY_MERCHANT_NO')
    .option('--base-url <url>', 'the platform’s address, instead of WANPAY_BASE_URL');
}

/** Adds the options that say where the ledger is. */
export function withLedgerOptions(command: Command): Command {
  return withSchemaOption(command)
    .option('--postgres <url>', 'the ledger’s PostgreSQL; WANPAY_DATABASE_URL keeps its password out of ps')
    .addOption(
      new Option('--mysql <url>', 'the ledger’s MySQL or MariaDB; WANPAY_DATABASE_URL does the same').conflicts(
        'postgres',
      ),
    )
    .addOption(
      new Option('--sqlite <file>', 'the ledger’s SQLite file; it belongs to one process, so stop the host').conflicts([
        'postgres',
        'mysql',
      ]),
    );
}

/** Adds the option that names the schema of the ledger's tables in PostgreSQL. */
export function withSchemaOption(command: Command): Command {
  return command.option('--schema <name>', 'the schema of its tables (default: wanpay)');
}

/**
 * The environment, with what a file adds to it.
 *
 * @throws UsageError when the file can't be read
 */
export function environmentOf({ env: named, envFile = named }: CommonOptions, env: Environment): Environment {
  if (envFile === undefined) return env;
  return { ...parseEnv(readText(envFile)), ...env };
}

/**
 * The same, with a key: that of a person who is asked for it where none is configured.
 *
 * @throws UsageError when the file can't be read
 */
export async function environmentWithKey(
  options: CommonOptions,
  { env, askKey }: Pick<Surroundings, 'env' | 'askKey'>,
): Promise<Environment> {
  const variables = environmentOf(options, env);
  if (variables.WANPAY_KEY || variables.WANPAY_KEYS) return variables;
  const key = await askKey();
  return key === undefined ? variables : { ...variables, WANPAY_KEY: key };
}

/** The module's options as the environment has them, with what the command line has to say, by this clock. */
export function moduleOptionsOf(
  { merchant, baseUrl }: PlatformOptions,
  env: Environment,
  clock: Clock,
): WanPayModuleOptions {
  const options = readEnvironment(env);
  return {
    ...options,
    clock,
    ...(merchant === undefined ? {} : { merchant: Object.assign({}, options.merchant, { merchantNo: merchant }) }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
}

/**
 * The keys to sign and verify with, newest first.
 *
 * @throws UsageError when there are none
 */
export function keysOf(env: Environment): readonly [string, ...string[]] {
  const [newest, ...others] = keysIn(readEnvironment(env).merchant);
  if (!newest) throw new UsageError('There is no key: set WANPAY_KEY, or name a file that does with --env.');
  return [newest, ...others];
}

/** Every key that is configured, newest first. */
export function keysIn(merchant: MerchantOptions | undefined): readonly string[] {
  return merchant?.keys ?? (merchant?.key === undefined ? [] : [merchant.key]);
}

/**
 * The text of a file.
 *
 * @throws UsageError when it can't be read
 */
export function readText(file: string): string {
  try {
    // Some editors put a byte order mark in front, which would be a part of the first name.
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${reasonOf(error)}.`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES') return 'this user may not';
  if (code === 'EISDIR') return 'it is a folder';
  return String(code);
}

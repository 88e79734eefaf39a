import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { WanPayEmulator } from 'wanpay-emulator';

/** The command as it is published. */
const COMMAND = fileURLToPath(new URL('../../libs/wanpay/bin/nestjs-wanpay.js', import.meta.url));

/** What a command needs beside its arguments. */
export interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is piped in. */
  readonly input?: string;
}

/** What became of a command. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. Whatever it prints, it must not print a key that it was given. */
export async function run(args: readonly string[], { env = {}, input = '' }: Given = {}): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...env } });
  // A command that doesn't read its input may have closed it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const keys = [env.WANPAY_KEY, ...(env.WANPAY_KEYS ?? '').split(',')].filter(Boolean);
  for (const key of keys) {
    if (key && `${stdout}${stderr}`.includes(key)) throw new Error(`A key was printed by ${args.join(' ')}.`);
  }
  return { code: child.exitCode, stdout, stderr };
}

/** The variables of a host that is a merchant of the emulator. */
export function variablesFor({ merchant, baseUrl }: WanPayEmulator): Record<string, string> {
  return { WANPAY_MERCHANT_NO: merchant.merchantNo, WANPAY_KEY: merchant.key, WANPAY_BASE_URL: baseUrl };
}

import 'reflect-metadata';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { type Clock, systemClock } from 'nestjs-wanpay/protocol';
import type { WanPayEmulator } from 'wanpay-emulator';
import { runCommand } from '../../libs/wanpay/dist/cli/command.js';

/** The command as it is published. */
export const COMMAND = fileURLToPath(new URL('../../libs/wanpay/bin/nestjs-wanpay.js', import.meta.url));

/** What a command needs beside its arguments. */
export interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is piped in. */
  readonly input?: string;
}

/** What a person sits at. */
interface Terminal {
  /** How wide it is; no terminal when left out. */
  readonly columns?: number;
}

/** What became of a command. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, to its end. Whatever it prints, it must not print a key or a password that it was given. */
export async function run(
  args: readonly string[],
  { env = {}, input = '', clock = systemClock, columns }: Given & Terminal & { readonly clock?: Clock } = {},
): Promise<Ran> {
  const stdout = new CapturedOutput(columns);
  const stderr = new CapturedOutput(columns);
  const stdin = Object.assign(Readable.from([Buffer.from(input)]), { isTTY: columns !== undefined });
  try {
    const code = await runCommand(args, { env, stdin, stdout, stderr, clock });
    return withoutKeys(args, env, { code, stdout: stdout.text, stderr: stderr.text });
  } finally {
    // The command took the log of the whole process; a host that starts later takes it for its own.
    Logger.overrideLogger(false);
  }
}

/** Runs the command as a process of its own, which takes longer: for what only a process shows. */
export async function runProcess(args: readonly string[], { env = {}, input = '' }: Given = {}): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { PATH: process.env.PATH, ...env } });
  // A command that doesn't read its input may have closed it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return withoutKeys(args, env, { code: child.exitCode, stdout, stderr });
}

/** The variables of a host that is a merchant of the emulator. */
export function variablesFor({ merchant, baseUrl }: WanPayEmulator): Record<string, string> {
  return { WANPAY_MERCHANT_NO: merchant.merchantNo, WANPAY_KEY: merchant.key, WANPAY_BASE_URL: baseUrl };
}

class CapturedOutput {
  text = '';
  readonly isTTY: boolean;

  constructor(readonly columns?: number) {
    this.isTTY = columns !== undefined;
  }

  write(text: string): void {
    this.text += text;
  }
}

function withoutKeys(args: readonly string[], env: NonNullable<Given['env']>, ran: Ran): Ran {
  const keys = [env.WANPAY_KEY, ...(env.WANPAY_KEYS ?? '').split(',')].filter(Boolean);
  const addresses = [env.WANPAY_PROXY, env.WANPAY_DATABASE_URL, ...args].map((text = '') =>
    text.replace(/^--\w+=/, ''),
  );
  const passwords = addresses.map((address) => (URL.canParse(address) ? new URL(address).password : ''));
  for (const secret of [...keys, ...passwords]) {
    if (secret && `${ran.stdout}${ran.stderr}`.includes(secret)) {
      throw new Error(`A secret was printed by ${args.join(' ')}.`);
    }
  }
  return ran;
}

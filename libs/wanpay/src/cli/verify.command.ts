import type { Command } from 'commander';
import {
  type Fields,
  formatTaipei,
  isTimely,
  MalformedMessageError,
  readNotification,
  TIMESTAMP_VALIDITY_SECONDS,
  verify,
} from '../protocol/index.js';
import { readInput, readMessage } from './message-input.js';
import { type CommonOptions, environmentWithKey, keysOf, withCommonOptions } from './options.js';
import type { CommandResult } from './result.js';
import { findLikelyCause, type LikelyCause } from './signature-slips.js';
import type { Surroundings } from './surroundings.js';

interface VerifyOptions extends CommonOptions {
  readonly file?: string;
}

/** What reading a message as a notification says of it. */
type Reading =
  | { readonly isNotification: false; readonly problem: string }
  | { readonly isNotification: true; readonly summary: string; readonly signedAt: Date; readonly timely: boolean };

/** `verify`: whether a message's signature holds, and what may be wrong if it doesn't. */
export function addVerify(program: Command, surroundings: Surroundings): void {
  withCommonOptions(program.command('verify'))
    .description('check a message’s signature and, if it is wrong, say what may be the cause')
    .option('--file <file>', 'the message, a form or JSON; left out, it is read from standard input')
    .action(async (options: VerifyOptions) => {
      await surroundings.finish(options, async () => {
        const variables = await environmentWithKey(options, surroundings);
        const keys = keysOf(variables);
        const body = await readInput(options, surroundings);
        return verifyMessage(body, keys, variables.WANPAY_MERCHANT_NO, surroundings);
      });
    });
}

function verifyMessage(
  body: string,
  keys: readonly string[],
  merchantNo: string | undefined,
  { clock, t }: Surroundings,
): CommandResult {
  const now = clock.now();
  let fields: Fields;
  try {
    fields = readMessage(body);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    const text = `✗ ${t('The message could mean two things, so it is refused whatever its signature.')} ${error.message}`;
    return { text, json: { holds: false, cause: { code: error.code, explanation: error.message } }, ok: false };
  }
  const reading = read(fields, now);
  if (verify(fields, keys)) {
    const which = keys.findIndex((key) => verify(fields, key)) + 1;
    const text = [`✓ ${t(`The signature holds${keys.length > 1 ? `, under key ${which} of ${keys.length}` : ''}.`)}`];
    return {
      text: [...text, ...describe(reading, t)].join('\n'),
      json: { holds: true, key: which, ...reading },
      ok: true,
    };
  }
  const cause = findLikelyCause(fields, keys) ?? unexplained(fields, merchantNo);
  const text = [`✗ ${t('The signature does not hold.')} ${t(cause.explanation)}`, ...describe(reading, t)].join('\n');
  return { text, json: { holds: false, cause, ...reading }, ok: false };
}

function unexplained({ orgno = '' }: Fields, merchantNo: string | undefined): LikelyCause {
  const code = 'key_or_content';
  if (orgno !== '' && merchantNo && orgno !== merchantNo) {
    return { code, explanation: `It is of merchant ${orgno}, and the key is that of ${merchantNo}.` };
  }
  const explanation = 'Another key signed it, or it was changed on the way: compare the key, and the raw body.';
  return { code, explanation };
}

function read(fields: Fields, now: Date): Reading {
  try {
    const { merchantNo, orderNo, timestamp, outcome } = readNotification(fields);
    return {
      isNotification: true,
      summary: `order ${orderNo} of merchant ${merchantNo} is ${outcome.status} (${outcome.code})`,
      signedAt: timestamp,
      timely: isTimely(timestamp, now),
    };
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    return { isNotification: false, problem: error.message };
  }
}

function describe(reading: Reading, t: Surroundings['t']): readonly string[] {
  if (!reading.isNotification) return [`! ${t(`It is no complete notification: ${reading.problem}`)}`];
  const { summary, signedAt, timely } = reading;
  const minutes = TIMESTAMP_VALIDITY_SECONDS / 60;
  const when = `its timestamp is ${formatTaipei(signedAt)} (Taipei)`;
  return [
    `  ${t(`It says: ${summary}.`)}`,
    timely
      ? `✓ ${t(`And ${when}, within ${minutes} minutes of now.`)}`
      : `! ${t(`But ${when}, more than ${minutes} minutes from now: a host would not believe it now.`)}`,
  ];
}

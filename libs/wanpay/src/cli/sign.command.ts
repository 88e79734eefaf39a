import type { Command } from 'commander';
import { type Fields, sign, signingString } from '../protocol/index.js';
import { readArguments, readInput, readMessage } from './message-input.js';
import { type CommonOptions, environmentWithKey, keysOf, withCommonOptions } from './options.js';
import type { CommandResult } from './result.js';
import type { Surroundings } from './surroundings.js';
import { table } from './table.js';

interface SignOptions extends CommonOptions {
  readonly file?: string;
}

/** Stands where the key stands in the string that is signed. */
const KEY_PLACEHOLDER = '<key>';

/** `sign`: the signature of a message, and the string that it is made from. */
export function addSign(program: Command, surroundings: Surroundings): void {
  withCommonOptions(program.command('sign'))
    .description('sign a message (2.3) with the newest key, and show the string that is signed, without the key')
    .argument('[fields...]', 'name=value …; left out, a form or JSON is read from --file or standard input')
    .option('--file <file>', 'the message, a form or JSON')
    .action(async (words: readonly string[], options: SignOptions) => {
      await surroundings.finish(options, async () => {
        const [newest] = keysOf(await environmentWithKey(options, surroundings));
        const fields = words.length > 0 ? readArguments(words) : readMessage(await readInput(options, surroundings));
        return signMessage(fields, newest);
      });
    });
}

function signMessage(fields: Fields, key: string): CommandResult {
  const signed = signingString(fields) + KEY_PLACEHOLDER;
  const signature = sign(fields, key);
  return {
    text: table([
      ['signed', signed],
      ['sign', signature],
    ]),
    isVerbatim: true,
    json: { signed, sign: signature },
    ok: true,
  };
}

import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CommandContext } from '../context.js';

/** Asks a person for a secret, whose characters are not shown; undefined where nobody sits at a terminal, or gives none. */
export async function askSecret(
  question: string,
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
): Promise<string | undefined> {
  if (!stderr.isTTY || !stdin.isTTY) return undefined;
  stderr.write(question);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
  try {
    const given = once(lines, 'line').then(([line]: unknown[]) => String(line));
    const closed = once(lines, 'close').then(() => undefined);
    const secret = await Promise.race([given, closed]);
    return secret === '' ? undefined : secret;
  } finally {
    lines.close();
    stderr.write('\n');
  }
}

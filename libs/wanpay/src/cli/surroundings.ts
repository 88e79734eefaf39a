import type { Clock } from '../protocol/index.js';
import type { Translate } from './language/language.js';
import type { Progress } from './progress.js';
import type { CommandResult } from './result.js';

/** What a command has to do with beside its options. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly progress: Progress;
  /** What is piped in, to its end; undefined where a person sits at it. */
  readonly readInput: () => Promise<string | undefined>;
  /** Asks a person for the key, whose characters are not shown; undefined where nobody can be asked. */
  readonly askKey: () => Promise<string | undefined>;
  /** Turns a sentence of ours into the reader's language. */
  readonly t: Translate;
  /** Does the work, prints what it came to, and notes the exit code. */
  readonly finish: (options: { readonly json?: true }, work: () => Promise<CommandResult>) => Promise<void>;
}

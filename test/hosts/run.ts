import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const runFile = promisify(execFile);

/** A command that failed, with all that it said. */
export class CommandFailedError extends Error {
  override readonly name = 'CommandFailedError';

  constructor(
    command: readonly string[],
    readonly output: string,
  ) {
    super(`${command.join(' ')} failed:\n${output}`);
  }
}

/**
 * Runs a command and tells what it wrote to its standard output. It gets this process's environment, without what this
 * project's own test run has set, such as Node's flags for Jest.
 *
 * @param bin a folder whose programs are found before all others
 * @param env what it gets besides
 */
export async function run(
  command: readonly [string, ...string[]],
  {
    cwd,
    bin,
    env: own,
  }: { readonly cwd: string; readonly bin?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const { NODE_OPTIONS: _options, NODE_ENV: _env, JEST_WORKER_ID: _worker, PATH = '', ...rest } = process.env;
  const [file, ...args] = command;
  try {
    const env = { ...rest, ...own, PATH: bin === undefined ? PATH : `${bin}:${PATH}` };
    return (await runFile(file, args, { cwd, env })).stdout;
  } catch (error) {
    const parts = typeof error === 'object' && error !== null ? error : {};
    const output = ['stdout', 'stderr'].map((name) => String(Reflect.get(parts, name) ?? '')).join('\n');
    throw new CommandFailedError(command, output.trim() || String(error));
  }
}

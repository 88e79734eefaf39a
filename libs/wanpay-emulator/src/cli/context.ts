/** What the command takes from the process that it runs in. */
export interface CommandContext {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Emits a signal that ends the process. */
  readonly signals: Signals;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a command came to: for people, for programs, and the exit code. */
export interface CommandResult {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode: number;
}

/** Carries a command out, and prints what it came to. */
export type Finish = (options: { readonly json?: true }, work: () => Promise<CommandResult>) => Promise<void>;

interface Output {
  write(text: string): unknown;
}

interface Signals {
  on(signal: Signal, listener: () => void): unknown;
  off(signal: Signal, listener: () => void): unknown;
}

export const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/** The process's own. */
export const processContext: CommandContext = {
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  env: process.env,
};

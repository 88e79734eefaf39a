/** What a command came to. */
export interface CommandResult {
  /** For people. */
  readonly text: string;
  /** Whether the text is to be copied, so that no line of it may be broken. */
  readonly isVerbatim?: true;
  /** For machines; moments become ISO 8601. */
  readonly json: unknown;
  /** Whether there is nothing to see to. */
  readonly ok: boolean;
}

/** What the process ends with. */
export const EXIT_CODES = {
  ok: 0,
  /** Something needs attention, or the command failed. */
  finding: 1,
  /** The command, or its configuration, can't be used as given; nothing was done. */
  usage: 2,
} as const;

/** What doctor looks at, in this order. */
export type CheckName = 'configuration' | 'platform' | 'credentials' | 'egress' | 'clock' | 'notifications' | 'ledger';

/** `skipped` is what could not be looked at, since something before it is wrong or nothing was named. */
export type Level = 'ok' | 'warning' | 'failure' | 'skipped';

/** One thing that doctor found. */
export interface Finding {
  readonly check: CheckName;
  readonly level: Level;
  /** Stable, for programs. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** What a check says of itself, without repeating its name. */
export interface Reporter {
  ok(message: string): Finding;
  warning(code: string, message: string, advice: string): Finding;
  failure(code: string, message: string, advice: string): Finding;
  skipped(message: string): Finding;
}

/** Makes the findings of one check. */
export function reporter(check: CheckName): Reporter {
  return {
    ok: (message) => ({ check, level: 'ok', code: 'ok', message }),
    warning: (code, message, advice) => ({ check, level: 'warning', code, message, advice }),
    failure: (code, message, advice) => ({ check, level: 'failure', code, message, advice }),
    skipped: (message) => ({ check, level: 'skipped', code: 'skipped', message }),
  };
}

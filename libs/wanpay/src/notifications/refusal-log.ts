import type { LogCode } from '../logging/log-codes.js';
import { type LogFields, StructuredLogger } from '../logging/structured-logger.js';
import { type Clock, WanPayError } from '../protocol/index.js';

const WINDOW_MS = 60_000;

/** Writes at most one line a minute for each kind of line: strangers decide how many there would be. */
export class RefusalLog {
  private readonly logger = new StructuredLogger('WanPayNotifications');
  private readonly windows = new Map<string, { from: number; leftOut: number }>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /**
   * @param kind one of a few: each has a window of its own
   * @param line called only when the line is written, as `fields` is
   */
  warn(kind: string, code: LogCode<'warn'>, line: () => string, fields: () => LogFields = noFields): void {
    this.write(kind, (addition, omitted) => {
      this.logger.warn(code, `${line()}${addition}`, { ...fields(), ...omitted });
    });
  }

  /** With the error's stack, unless it is one of the module's own, which say themselves what to do. */
  error(code: LogCode<'error'>, error: Error, line: () => string, fields: () => LogFields = noFields): void {
    this.write(code, (addition, omitted) => {
      const text = `${line()}: ${error.message}${addition}`;
      const stack = error instanceof WanPayError ? undefined : error.stack;
      this.logger.error(code, text, { ...fields(), ...omitted }, stack);
    });
  }

  private write(kind: string, print: (addition: string, omitted: LogFields) => void): void {
    const now = this.clock.now().getTime();
    const window = this.windows.get(kind);
    if (window && Math.abs(now - window.from) < WINDOW_MS) {
      window.leftOut += 1;
      return;
    }
    const leftOut = window?.leftOut ?? 0;
    this.windows.set(kind, { from: now, leftOut: 0 });
    if (leftOut === 0) print('', {});
    else print(` ${leftOut} more like it came since the last such line.`, { omitted: leftOut });
  }
}

function noFields(): LogFields {
  return {};
}

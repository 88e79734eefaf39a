import { Logger } from '@nestjs/common';
import { type Clock, WanPayError } from '../protocol/index.js';

const WINDOW_MS = 60_000;

/** Writes at most one line a minute for each kind of line: strangers decide how many there would be. */
export class RefusalLog {
  private readonly logger = new Logger('WanPayNotifications');
  private readonly windows = new Map<string, { from: number; leftOut: number }>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /**
   * @param kind one of a few: each has a window of its own
   * @param line made only when it is written
   */
  warn(kind: string, line: () => string): void {
    this.write(kind, (addition) => {
      this.logger.warn(`${line()}${addition}`);
    });
  }

  /** With the error's stack, unless it is one of the module's own, which say themselves what to do. */
  error(kind: string, error: Error, line: () => string): void {
    this.write(kind, (addition) => {
      const text = `${line()}: ${error.message}${addition}`;
      if (error instanceof WanPayError) this.logger.error(text);
      else this.logger.error(text, error.stack);
    });
  }

  private write(kind: string, print: (addition: string) => void): void {
    const now = this.clock.now().getTime();
    const window = this.windows.get(kind);
    if (window && Math.abs(now - window.from) < WINDOW_MS) {
      window.leftOut += 1;
      return;
    }
    const leftOut = window?.leftOut ?? 0;
    this.windows.set(kind, { from: now, leftOut: 0 });
    print(leftOut === 0 ? '' : ` ${leftOut} more like it came since the last such line.`);
  }
}

import { InvalidFieldError } from '../../protocol/index.js';

const EVERY_MS = 1000;
/** The longest that a timer of Node.js waits. */
const LONGEST_MS = 2 ** 31 - 1;

/** Looks at intervals for what other processes have recorded, for a database that notifies nobody. */
export class Polling {
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param everyMs the option `pollEveryMs`: the milliseconds from one look to the next, or false for none
   * @throws InvalidFieldError when that is no time to wait
   */
  constructor(private readonly everyMs: number | false = EVERY_MS) {
    if (everyMs !== false && !(everyMs >= 1 && everyMs <= LONGEST_MS)) {
      throw new InvalidFieldError('pollEveryMs', `must be 1 to ${LONGEST_MS} milliseconds, or false.`);
    }
  }

  start(look: () => void): void {
    if (this.everyMs !== false) this.timer = setInterval(look, this.everyMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

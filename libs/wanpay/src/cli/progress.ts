import type { Output } from './context.js';

const CLEAR_LINE = '\r\u001B[K';

/** One line that tells how far long work is, on a terminal only. */
export class Progress {
  constructor(private readonly stream: Output) {}

  /** Replaces the line. */
  show(text: string): void {
    if (this.stream.isTTY) this.stream.write(`${CLEAR_LINE}${text}`);
  }

  /** Takes the line away. */
  clear(): void {
    this.show('');
  }
}

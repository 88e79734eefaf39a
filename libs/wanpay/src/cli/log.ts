import type { LoggerService } from '@nestjs/common';

/** Takes what the module's parts log to where it is in nobody's way: standard output is for what a command came to. */
export class CommandLog implements LoggerService {
  constructor(private readonly write: (text: string) => void) {}

  log(message: unknown): void {
    this.write(`${String(message)}\n`);
  }

  warn(message: unknown): void {
    this.log(message);
  }

  error(message: unknown): void {
    this.log(message);
  }
}

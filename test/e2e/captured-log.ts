import { inspect } from 'node:util';
import { type LoggerService } from '@nestjs/common';

const DEPTH = 12;

/** A Nest logger that keeps its lines, objects and errors unfolded at least as far as Nest's own would print them. */
export class CapturedLog implements LoggerService {
  readonly lines: string[] = [];

  log = this.keep('log');
  warn = this.keep('warn');
  error = this.keep('error');
  fatal = this.keep('fatal');
  debug = this.keep('debug');
  verbose = this.keep('verbose');

  get text(): string {
    return this.lines.join('\n');
  }

  private keep(level: string): (...parameters: unknown[]) => void {
    return (...parameters) => {
      this.lines.push([level, ...parameters.map(print)].join(' '));
    };
  }
}

function print(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, { depth: DEPTH, maxStringLength: null });
}

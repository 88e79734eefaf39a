import { Logger, type LoggerService } from '@nestjs/common';
import { LineFields, withFields } from './line-fields.js';
import type { LogCode } from './log-codes.js';

/** What a line tells beside its code and its text: nothing secret, and no account. */
export interface LogFields {
  readonly merchantNo?: string;
  readonly orderNo?: string;
  readonly eventId?: string;
  readonly eventType?: string;
  readonly handler?: string;
  /** Which attempt of the handler it was, from 1. */
  readonly attempt?: number;
  /** How many deliveries wait for the handler. */
  readonly pending?: number;
  /** The instance of the module that the handler names. */
  readonly instance?: string;
  /** How many times in a row it has failed. */
  readonly failures?: number;
  /** Why a notification was refused. */
  readonly reason?: string;
  /** The address that a notification came from. */
  readonly source?: string | undefined;
  /** The HTTP status that a notification was answered with. */
  readonly status?: number;
  /** How many lines of the same kind were left out since the last one. */
  readonly omitted?: number;
  /** By how much this machine's clock is ahead of the platform's. */
  readonly offsetSeconds?: number;
  readonly queue?: string;
  readonly job?: string;
}

/** A line that is made in one place and logged in another. */
export interface LogLine<Code extends LogCode = LogCode> {
  readonly code: Code;
  readonly text: string;
}

/** Logs text for people, and beside it a code and fields for programs, where the application's logger takes them. */
export class StructuredLogger {
  private readonly logger: Logger;

  constructor(context: string) {
    this.logger = new FieldsLogger(context);
  }

  debug(code: LogCode<'debug'>, text: string, fields?: LogFields): void {
    this.logger.debug(text, new LineFields({ code, ...fields }));
  }

  log(code: LogCode<'log'>, text: string, fields?: LogFields): void {
    this.logger.log(text, new LineFields({ code, ...fields }));
  }

  warn(code: LogCode<'warn'>, text: string, fields?: LogFields): void {
    this.logger.warn(text, new LineFields({ code, ...fields }));
  }

  error(code: LogCode<'error'>, text: string, fields?: LogFields, stack?: string): void {
    this.logger.error(text, new LineFields({ code, ...fields }), stack);
  }
}

/** Asks only when a line is written which logger writes it: until an application has named its own, Nest may keep lines back. */
class FieldsLogger extends Logger {
  override get localInstance(): LoggerService {
    return withFields(super.localInstance);
  }
}

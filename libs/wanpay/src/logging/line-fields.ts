import { ConsoleLogger, type LoggerService } from '@nestjs/common';
import type { LogLevel } from './log-codes.js';

/** The code and the fields of one line, on their way through Nest's `Logger`. */
export class LineFields {
  constructor(readonly values: Readonly<Record<string, string | number | undefined>>) {}
}

/** A line, as Nest's `Logger` hands it on. */
interface Line {
  readonly level: LogLevel;
  readonly text: unknown;
  readonly fields: LineFields['values'];
  /** The stack of an error, or undefined, and the context. */
  readonly rest: readonly unknown[];
}

type Write = (logger: LoggerService, line: Line) => void;

/**
 * The application's logger, made to take {@link LineFields} in the way that it knows. One that is known to take none gets the
 * text alone, so that what people read stays as it is.
 *
 * @param logger none where the application has turned logging off
 */
export function withFields(logger: LoggerService | undefined): LoggerService {
  const at =
    (level: LogLevel) =>
    (text: unknown, ...params: readonly unknown[]): void => {
      if (!logger) return;
      const fields = params.find((param) => param instanceof LineFields)?.values ?? {};
      const rest = params.filter((param) => !(param instanceof LineFields));
      wayOf(logger)(logger, { level, text, fields, rest });
    };
  return { debug: at('debug'), log: at('log'), warn: at('warn'), error: at('error') };
}

function wayOf(logger: LoggerService): Write {
  if (logger instanceof ConsoleLogger) {
    const options: unknown = Reflect.get(logger, 'options');
    if (!isObject(options) || options.json !== true) return textAlone;
    // Nest 11 has no place for fields beside the text.
    return 'stringifyParams' in logger && options.structuredParams !== false ? fieldsAfterText : textAmongFields;
  }
  if (!isOfPino(logger)) return textAlone;
  return Reflect.get(logger, 'structuredParams') === true ? fieldsAfterText : fieldsBeforeText;
}

const textAlone: Write = (logger, { level, text, rest }) => {
  logger[level]?.(text, ...rest);
};

const fieldsAfterText: Write = (logger, { level, text, fields, rest }) => {
  logger[level]?.(text, { ...fields }, ...rest);
};

const textAmongFields: Write = (logger, { level, text, fields, rest }) => {
  logger[level]?.({ message: text, ...fields }, ...rest);
};

/** As nestjs-pino's `Logger` takes them, which would lose a stack that comes after. */
const fieldsBeforeText: Write = (logger, { level, text, fields, rest }) => {
  const context = rest.at(-1);
  const stack = level === 'error' ? rest.at(0) : undefined;
  const error = typeof stack === 'string' ? { err: Object.assign(new Error(String(text)), { stack }) } : {};
  logger[level]?.({ ...fields, ...error }, text, context);
};

/** Whether it is one of the loggers of nestjs-pino, which this module does not import. */
function isOfPino(logger: object): boolean {
  const inner: unknown = Reflect.get(logger, 'logger');
  return 'contextName' in logger && isObject(inner) && isFunction(inner.setContext) && isFunction(inner.assign);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

import { HttpException, Logger } from '@nestjs/common';
import { EmulatorError } from '../errors.js';

const HTTP_STATUS_BY_CODE: Readonly<Record<string, number>> = {
  invalid_argument: 400,
  cross_site: 403,
  foreign_host: 403,
  unknown_order: 404,
  unknown_merchant: 404,
  order_state: 409,
  nothing_to_resend: 409,
  order_refused: 409,
  session_forgotten: 409,
  body_too_long: 413,
};

/** What went wrong, in terms of HTTP. */
export interface Problem {
  readonly httpStatus: number;
  readonly code: string;
  readonly message: string;
}

/** What to tell of an error. One that nobody foresaw is logged, and told of no further. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HttpException) {
    return { httpStatus: error.getStatus(), code: 'http_error', message: error.message };
  }
  const httpStatus = error instanceof EmulatorError ? HTTP_STATUS_BY_CODE[error.code] : undefined;
  if (error instanceof EmulatorError && httpStatus) return { httpStatus, code: error.code, message: error.message };
  new Logger('Console').error(error);
  return { httpStatus: 500, code: 'internal_error', message: 'The emulator failed; its log says why.' };
}

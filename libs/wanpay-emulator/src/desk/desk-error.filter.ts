import { type ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import { EmulatorError } from '../errors.js';
import { sendJson, sendPage } from './desk-response.js';
import { errorPage } from './pages.js';

const HTTP_STATUS_BY_CODE: Readonly<Record<string, number>> = {
  invalid_argument: 400,
  unknown_order: 404,
  order_state: 409,
  nothing_to_resend: 409,
  body_too_long: 413,
};

/** What went wrong, in terms of HTTP. */
interface Problem {
  readonly httpStatus: number;
  readonly code: string;
  readonly message: string;
}

/** Answers people with a page that says what went wrong. */
@Catch()
export class DeskErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const { httpStatus, message } = describe(error);
    sendPage(host.switchToHttp().getResponse<ServerResponse>(), errorPage(message), httpStatus);
  }
}

/** Answers programs with `{ code, message }`. */
@Catch()
export class ControlErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const { httpStatus, ...body } = describe(error);
    sendJson(host.switchToHttp().getResponse<ServerResponse>(), body, httpStatus);
  }
}

function describe(error: unknown): Problem {
  if (error instanceof HttpException) {
    return { httpStatus: error.getStatus(), code: 'http_error', message: error.message };
  }
  const httpStatus = error instanceof EmulatorError ? HTTP_STATUS_BY_CODE[error.code] : undefined;
  if (error instanceof EmulatorError && httpStatus) return { httpStatus, code: error.code, message: error.message };
  new Logger('Desk').error(error);
  return { httpStatus: 500, code: 'internal_error', message: 'The emulator failed; its log says why.' };
}

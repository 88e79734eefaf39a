import { type ArgumentsHost, Catch, Inject } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { toHttpException } from './errors.js';
import { type IncomingNotification, NotificationReader } from './notification-reader.js';

/**
 * Answers every error on the notification route, the module's and the host's, as Nest would without filters. A filter on the
 * controller stands before the host's global ones, of which one may turn every error into a 200.
 */
@Catch()
export class NotificationFilter extends BaseExceptionFilter {
  constructor(@Inject(NotificationReader) private readonly reader: NotificationReader) {
    super();
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const exchange = this.reader.find(host.switchToHttp().getRequest<IncomingNotification>());
    if (exchange?.isAnswered && isTooLate(error)) return;
    super.catch(exchange?.trouble ? toHttpException(exchange.trouble) : error, host);
  }
}

/** Whether an interceptor or a middleware of the host set a header once the module had answered. */
function isTooLate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_HTTP_HEADERS_SENT';
}

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
    const trouble = this.reader.find(host.switchToHttp().getRequest<IncomingNotification>())?.trouble;
    super.catch(trouble ? toHttpException(trouble) : error, host);
  }
}

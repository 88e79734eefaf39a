import {
  Controller,
  Inject,
  Post,
  Req,
  Res,
  ServiceUnavailableException,
  SetMetadata,
  type Type,
  UseFilters,
  UseGuards,
  VERSION_NEUTRAL,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { NOTIFICATION_ACKNOWLEDGEMENT } from '../protocol/index.js';
import { toHttpException } from './errors.js';
import { NotificationProcessor } from './notification-processor.js';
import { type IncomingNotification, NotificationReader } from './notification-reader.js';
import { NotificationFilter } from './notification.filter.js';
import { NotificationGuard } from './notification.guard.js';

/** What `ApiExcludeController()` of `@nestjs/swagger` sets: the route is the platform's, not a part of the host's API. */
const HiddenFromOpenApi = SetMetadata('swagger/apiExcludeController', [true]);

/**
 * Makes the controller of one module instance. Each has a class of its own: routes live in a class's metadata, so a
 * shared class would make several instances fight over one path.
 *
 * @param path below the host's global prefix; free of versions
 * @param decorators the host's own, such as the one that exempts a route from its authentication guard
 */
export function createNotificationController(path: string, decorators: readonly ClassDecorator[]): Type {
  @Controller({ path, version: VERSION_NEUTRAL })
  @HiddenFromOpenApi
  @UseGuards(NotificationGuard)
  @UseFilters(NotificationFilter)
  class NotificationController {
    readonly #host: HttpAdapterHost;

    constructor(
      @Inject(NotificationProcessor) private readonly processor: NotificationProcessor,
      @Inject(NotificationReader) private readonly reader: NotificationReader,
      @Inject(HttpAdapterHost) host: HttpAdapterHost,
    ) {
      this.#host = host;
    }

    /** Answers by itself rather than through Nest, so that no interceptor of the host can change what is answered. */
    @Post()
    async receive(@Req() request: IncomingNotification, @Res() response: unknown): Promise<void> {
      const exchange = this.reader.find(request);
      if (!exchange?.verified) throw new ServiceUnavailableException('The notification guard did not run.');
      const { httpAdapter } = this.#host;
      try {
        await this.processor.receive(exchange.verified);
      } catch (error) {
        exchange.isAnswered = true;
        const answer = toHttpException(exchange.failWith(error));
        httpAdapter.reply(response, answer.getResponse(), answer.getStatus());
        return;
      }
      exchange.isAcknowledged = true;
      exchange.isAnswered = true;
      httpAdapter.setHeader(response, 'Content-Type', 'text/plain; charset=utf-8');
      httpAdapter.reply(response, NOTIFICATION_ACKNOWLEDGEMENT, 200);
    }
  }
  for (const decorate of decorators) decorate(NotificationController);
  return NotificationController;
}

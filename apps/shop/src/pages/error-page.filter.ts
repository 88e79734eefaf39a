import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, HttpException, Logger } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { errorPage } from './error.page.js';

/** Answers browsers with a page. Programs, the platform among them, get what Nest answers by itself. */
@Catch()
export class ErrorPageFilter extends BaseExceptionFilter {
  private readonly logger = new Logger('Shop');

  override catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<IncomingMessage>();
    const response = host.switchToHttp().getResponse<ServerResponse>();
    if (!request.headers.accept?.includes('text/html') || response.headersSent) {
      super.catch(error, host);
      return;
    }
    const status = this.statusOf(error);
    if (status >= 500) this.logger.error(error instanceof Error ? (error.cause ?? error) : error);
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' });
    response.end(errorPage(messagesOf(error)));
  }

  private statusOf(error: unknown): number {
    if (error instanceof HttpException) return error.getStatus();
    return this.isHttpError(error) ? error.statusCode : 500;
  }
}

/** What a customer may read: of an error that the shop did not foresee, nothing. */
function messagesOf(error: unknown): readonly string[] {
  if (!(error instanceof HttpException))
    return ['系統發生錯誤，請稍後再試 Something went wrong; please try again later.'];
  const body = error.getResponse();
  const message: unknown = typeof body === 'object' && 'message' in body ? body.message : body;
  // The validator's message is a list.
  return Array.isArray(message) ? message.map(String) : [String(message)];
}

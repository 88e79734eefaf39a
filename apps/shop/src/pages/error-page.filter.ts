import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, HttpException, Logger, NotFoundException } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import type { Wording } from '../payment-page/language.js';
import { errorPage } from './error.page.js';
import { Problem } from './problem.js';
import { languageOf } from './request-language.js';

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
    const wayOn = error instanceof Problem ? error.wayOn : undefined;
    response.end(errorPage({ problems: problemsOf(error), wayOn }, languageOf(request)));
  }

  private statusOf(error: unknown): number {
    if (error instanceof HttpException) return error.getStatus();
    return this.isHttpError(error) ? error.statusCode : 500;
  }
}

/** What a customer may read: of an error that the shop did not foresee, nothing. */
function problemsOf(error: unknown): readonly Wording[] {
  if (error instanceof Problem) return error.wordings;
  if (error instanceof NotFoundException) {
    return [{ chinese: '沒有這個頁面。', english: 'There is no such page.' }];
  }
  return [{ chinese: '系統發生錯誤，請稍後再試。', english: 'Something went wrong; please try again later.' }];
}

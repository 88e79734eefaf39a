import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { isForm, sendJson } from '../http/answer.js';
import { problemOf } from '../http/problem.js';
import { sendFresh } from '../http/security-headers.js';
import { errorPage } from './error.page.js';

/** Answers programs with `{ code, message }`, and people with a page that says what went wrong. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const { httpStatus, ...body } = problemOf(error);
    if (response.headersSent) response.destroy();
    else if (isForPerson(response.req)) sendFresh(response, 'text/html', errorPage(body.message), httpStatus);
    else sendJson(response, body, httpStatus);
  }
}

function isForPerson(request: IncomingMessage): boolean {
  const isPage = !/^\/(?:api|wxzfservice)\//.test(request.url ?? '') || request.url === '/api/docs';
  return isPage || (isForm(request) && request.url?.startsWith('/api/') === true);
}

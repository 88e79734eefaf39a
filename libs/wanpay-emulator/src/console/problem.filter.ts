import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { InvalidArgumentError } from '../errors.js';
import { isForm, pageOf, sendJson } from '../http/answer.js';
import { type Problem, problemOf } from '../http/problem.js';
import { sendFresh } from '../http/security-headers.js';
import { ConsolePages } from './console.pages.js';
import { sayIn } from './language.js';
import { messagePage } from './message.page.js';
import { explain } from './problems.js';

/** Answers programs with `{ code, message }`, and people with the page that they are on, which says what went wrong beside the field. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly pages: ConsolePages) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<ServerResponse>();
    const request = host.switchToHttp().getRequest<SentForm>();
    const { httpStatus, ...body } = problemOf(error);
    if (response.headersSent) response.destroy();
    else if (isForPerson(request)) sendFresh(response, 'text/html', this.#page(request, error, body), httpStatus);
    else sendJson(response, body, httpStatus);
  }

  #page(request: SentForm, error: unknown, { message }: Pick<Problem, 'message'>): string {
    const path = request.url ?? '/';
    if (!isForm(request)) return this.#message(request, message);
    const { pathname } = new URL(path, 'http://console');
    try {
      return this.pages.show(request, pageOf(request), {
        action: pathname,
        ...(error instanceof InvalidArgumentError ? { field: error.argument } : {}),
        message,
        values: textsOf(request.body),
      });
    } catch {
      // The form came from a page that can't be shown either.
      return this.#message(request, message);
    }
  }

  #message(request: IncomingMessage, message: string): string {
    const around = this.pages.around(request, '/');
    return messagePage(explain(message, sayIn(around.language)), around);
  }
}

type SentForm = IncomingMessage & { readonly body?: unknown };

function textsOf(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string'));
}

function isForPerson(request: IncomingMessage): boolean {
  const isPage = !/^\/(?:api|wxzfservice)\//.test(request.url ?? '') || request.url === '/api/docs';
  return isPage || (isForm(request) && request.url?.startsWith('/api/') === true);
}

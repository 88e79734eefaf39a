import { type IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { from, type Observable, switchMap } from 'rxjs';
import { InvalidArgumentError } from '../errors.js';
import { isForm } from '../http/answer.js';
import { readBody } from '../http/body.js';

type Body = Readonly<Record<string, unknown>>;

/** Reads the body of a change: a JSON object, or a form of the console, whose empty inputs count as left out. */
@Injectable()
export class ReadBodyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<IncomingMessage & { body?: Body }>();
    return from(read(request)).pipe(
      switchMap((body) => {
        request.body = body;
        return next.handle();
      }),
    );
  }
}

/** @throws InvalidArgumentError for anything else */
async function read(request: IncomingMessage): Promise<Body> {
  const text = await readBody(request);
  if (isForm(request)) return Object.fromEntries([...new URLSearchParams(text)].filter(([, value]) => value !== ''));
  if (text === '') return {};
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw new InvalidArgumentError('The body', 'must be application/json.');
  }
  const value = parse(text);
  if (!isObject(value)) throw new InvalidArgumentError('The body', 'must be a JSON object.');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

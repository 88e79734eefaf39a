import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, HttpStatus, Injectable } from '@nestjs/common';
import { Problem } from '../pages/problem.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Keeps pages of other sites from sending the shop's forms in a customer's name (CSRF). Browsers say where a request
 * comes from, and no page can forge that; what says nothing is no browser, such as the platform that notifies.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { method = '', headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (READING.has(method) || isOwn(headers)) return true;
    throw new Problem(HttpStatus.FORBIDDEN, [
      { chinese: '請從本店的網頁下單。', english: 'Please order from the shop’s own page.' },
    ]);
  }
}

function isOwn({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  if (origin === undefined) return true;
  // Older browsers. Only the hosts are compared: behind a proxy that ends TLS the shop doesn't know its own scheme.
  return URL.canParse(origin) && new URL(origin).host === host;
}

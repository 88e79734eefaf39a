import { type IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { OwnSite } from './own-site.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Keeps other web pages off the console and its API, which ask for no password: a page elsewhere may neither make the browser
 * change anything here (cross-site requests), nor reach the console by a name of its own (DNS rebinding).
 */
@Injectable()
export class ConsoleGuard implements CanActivate {
  constructor(private readonly site: OwnSite) {}

  canActivate(context: ExecutionContext): boolean {
    const { method = '', headers } = context.switchToHttp().getRequest<IncomingMessage>();
    this.site.assertHost(headers);
    if (!READING.has(method)) this.site.assertOrigin(headers);
    return true;
  }
}

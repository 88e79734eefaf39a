import { type IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { EmulatorSettings } from '../emulator.settings.js';

const READING = new Set(['GET', 'HEAD']);

/**
 * Keeps other web pages off the console and its API, which ask for no password: a page elsewhere may neither make the browser
 * change anything here (cross-site requests), nor reach a loopback console by a name of its own (DNS rebinding).
 * Programs that are no browsers send neither `Origin` nor `Sec-Fetch-Site` and pass.
 */
@Injectable()
export class ConsoleGuard implements CanActivate {
  constructor(private readonly settings: EmulatorSettings) {}

  canActivate(context: ExecutionContext): boolean {
    const { method = '', headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (isLoopback(this.settings.host) && !isLoopback(hostName(headers.host))) {
      throw new ForbiddenException('This console is reached by localhost or 127.0.0.1 only.');
    }
    if (!READING.has(method) && !isSameOrigin(headers)) {
      throw new ForbiddenException('A page of another site asked for this.');
    }
    return true;
  }
}

function isSameOrigin(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return headers.origin === undefined || headers.origin === `http://${headers.host ?? ''}`;
}

/** `localhost:4010` → `localhost`; empty for what is no host. */
function hostName(host = ''): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

/** Whether a host name or address means this machine alone. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith('127.');
  return ['localhost', '::1', '[::1]'].includes(host);
}

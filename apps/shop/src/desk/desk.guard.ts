import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { type CanActivate, type ExecutionContext, HttpStatus, Injectable } from '@nestjs/common';
import { Problem } from '../pages/problem.js';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * The desk asks for no password, so it answers this machine only, even when the shop listens on more: by the
 * connection's address, and by the name that was asked for, which another site's page can't choose (DNS rebinding).
 */
@Injectable()
export class DeskGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { socket, headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (isLoopback(socket.remoteAddress ?? '') && isLoopback(hostName(headers.host))) return true;
    throw new Problem(HttpStatus.FORBIDDEN, [
      { chinese: '店家後台只在本機開放。', english: 'The merchant’s desk is open on this machine only.' },
    ]);
  }
}

/** `[::1]:3000` → `::1`; empty for what is no host. */
function hostName(host = ''): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : '';
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && LOOPBACK.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

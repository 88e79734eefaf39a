import { type IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { isFromBrowser, OwnSite } from '../http/own-site.js';

/**
 * Keeps web pages off the platform's interfaces: the test merchant's key is published, so any page could sign an order.
 * Merchants' servers pass, by whichever name they reach the emulator.
 */
@Injectable()
export class MerchantGuard implements CanActivate {
  constructor(private readonly site: OwnSite) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (!isFromBrowser(headers)) return true;
    this.site.assertOrigin(headers);
    this.site.assertHost(headers);
    return true;
  }
}

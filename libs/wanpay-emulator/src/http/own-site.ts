import { type IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { EmulatorSettings } from '../emulator.settings.js';
import { EmulatorError } from '../errors.js';
import { isLoopback } from './loopback.js';

/** A page of another site had a browser send a change. */
export class CrossSiteError extends EmulatorError {
  readonly code = 'cross_site';
}

/** The emulator was asked for by a name that may be anyone's. */
export class ForeignHostError extends EmulatorError {
  readonly code = 'foreign_host';
}

/**
 * Tells the emulator's own pages from those of other sites, by what browsers say and no page can forge: where a request
 * comes from (`Sec-Fetch-Site`, `Origin`), and by which name the emulator was reached (`Host`).
 */
@Injectable()
export class OwnSite {
  constructor(private readonly settings: EmulatorSettings) {}

  /**
   * Refuses a name that another site's owner could point at this machine (DNS rebinding). An address can't be pointed
   * elsewhere, so it counts where the emulator listens on more than loopback.
   *
   * @throws ForeignHostError
   */
  assertHost({ host }: IncomingHttpHeaders): void {
    const name = nameOf(host);
    const { host: listening, publicHosts } = this.settings;
    if (isLoopback(name) || name === listening.toLowerCase() || publicHosts.includes(name)) return;
    if (!isLoopback(listening) && isIP(name.replace(/^\[|\]$/g, '')) !== 0) return;
    throw new ForeignHostError(
      'The console is not open under this host name. Use localhost or an address of this machine, or start the emulator ' +
        'with --public-host (publicHosts) and the name.',
    );
  }

  /**
   * Refuses what a page of another site sends.
   *
   * @throws CrossSiteError
   */
  assertOrigin(headers: IncomingHttpHeaders): void {
    const site = headers['sec-fetch-site'];
    const isOwn = (site === undefined || site === 'same-origin' || site === 'none') && this.#isOwnOrigin(headers);
    if (isOwn) return;
    throw new CrossSiteError(
      'A page of another site sent this, so nothing was done. Send it from the console’s own pages or from a program: ' +
        'programs set neither Origin nor Sec-Fetch-Site. Name a public host of this emulator with --public-host (publicHosts).',
    );
  }

  /** Only hosts are compared: a proxy before the emulator may end TLS, and may ask for it by another name. */
  #isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const { host: from, hostname } = new URL(origin);
    return from !== '' && (from === host?.toLowerCase() || this.settings.publicHosts.includes(hostname));
  }
}

/** Whether a browser has sent a request, as far as it says so; merchants' servers send neither of these. */
export function isFromBrowser(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/** `localhost:4010` → `localhost`; empty for what is no host. */
function nameOf(host = ''): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

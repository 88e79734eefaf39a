import type { IncomingHttpHeaders } from 'node:http';

/**
 * Tells whether a form was sent from a page of this site. Browsers say so, and no page can forge it; what says nothing is no
 * browser that could be made to send somebody's password along, and is refused.
 */
export function isSameOrigin({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  // Older browsers. Only the hosts are compared: behind a proxy that ends TLS the host doesn't know its own scheme.
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}

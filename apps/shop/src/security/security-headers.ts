import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * No script, nothing inline, nothing from elsewhere, in no one's frame. The referrer stays on the shop's own pages; it
 * is not switched off altogether, since browsers would then send `Origin: null` with the shop's own forms.
 */
const HEADERS = new Map([
  [
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  ],
  ['Referrer-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Cache-Control', 'no-store'],
]);

/** Express middleware that sets the same headers on every answer. */
export function securityHeaders(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeaders(HEADERS);
  next();
}

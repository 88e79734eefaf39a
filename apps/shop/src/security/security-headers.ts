import type { IncomingMessage, ServerResponse } from 'node:http';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];

/**
 * The shop's own files and nothing else: nothing inline, nothing from elsewhere, in no one's frame. The referrer stays on
 * the shop's own pages; it is not switched off altogether, since browsers would then send `Origin: null` with the shop's
 * own forms.
 */
const HEADERS = new Map([
  ['Content-Security-Policy', POLICY.join('; ')],
  ['Referrer-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Cache-Control', 'no-store'],
]);

/** Express middleware that sets the same headers on every answer. */
export function securityHeaders(_request: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeaders(HEADERS);
  next();
}

import { type ServerResponse } from 'node:http';

/**
 * Scripts and styles from here alone, nothing inline, nothing from elsewhere, in no one's frame. The referrer stays on
 * the same origin, and is not switched off, since browsers would then send `Origin: null` with the console's own forms.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Sends a body that nobody keeps. */
export function sendFresh(response: ServerResponse, contentType: string, body: string, httpStatus = 200): void {
  response.writeHead(httpStatus, {
    ...SECURITY_HEADERS,
    'cache-control': 'no-store',
    'content-type': `${contentType}; charset=utf-8`,
  });
  response.end(body);
}

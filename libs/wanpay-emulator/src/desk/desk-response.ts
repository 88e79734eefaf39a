import { type ServerResponse } from 'node:http';
import { type Html } from './html.js';

/**
 * No script, nothing inline, nothing from elsewhere, in no one's frame. The referrer stays on the same origin, and is
 * not switched off, since browsers would then send `Origin: null` with the desk's own forms.
 */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** Sends a page of the desk. */
export function sendPage(response: ServerResponse, page: Html, httpStatus = 200): void {
  response.writeHead(httpStatus, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(page.text);
}

/** Sends the style sheet. */
export function sendStyle(response: ServerResponse, css: string): void {
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/css; charset=utf-8' }).end(css);
}

/** Sends a JSON value of the control interface. */
export function sendJson(response: ServerResponse, value: unknown, httpStatus = 200): void {
  response.writeHead(httpStatus, { ...HEADERS, 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

/** Shows the page at `path` after a form was acted on, so that reloading does not act again. */
export function redirect(response: ServerResponse, path: string): void {
  response.writeHead(303, { ...HEADERS, location: path }).end();
}

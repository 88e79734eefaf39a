import { type IncomingMessage, type ServerResponse } from 'node:http';
import { sendFresh, SECURITY_HEADERS } from './security-headers.js';

const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;
/** A path that begins with two slashes would name another host. */
const OWN_PATH = /^\/(?!\/)/;

/** Whether a request is a form of the console's pages, so that a person waits for a page. */
export function isForm(request: IncomingMessage): boolean {
  return FORM_TYPE.test(request.headers['content-type'] ?? '');
}

/**
 * Answers a program with JSON, and a form by way of a page, so that reloading does not act again.
 *
 * @param page default: the one that the form is on
 */
export function answer(response: ServerResponse, value: unknown, page = pageOf(response.req)): void {
  if (isForm(response.req)) goTo(response, page);
  else sendJson(response, value);
}

/** Sends a JSON value. */
export function sendJson(response: ServerResponse, value: unknown, httpStatus = 200): void {
  sendFresh(response, 'application/json', JSON.stringify(value), httpStatus);
}

function goTo(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...SECURITY_HEADERS, 'cache-control': 'no-store', location }).end();
}

/**
 * The path of the page that a request came from, when it is one of ours; else the first page. The parser has made slashes
 * of backslashes and dropped line breaks, as browsers do.
 */
export function pageOf({ headers: { referer = '', host = '' } }: IncomingMessage): string {
  const page = URL.canParse(referer) ? new URL(referer) : undefined;
  if (page?.host !== host || !OWN_PATH.test(page.pathname)) return '/';
  return page.pathname + page.search;
}

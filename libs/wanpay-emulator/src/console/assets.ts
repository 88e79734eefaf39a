import { createHash } from 'node:crypto';
import { CONSOLE_JS } from './console.client.js';
import { CONSOLE_CSS } from './console.css.js';
import { HTMX, HTMX_SSE } from './scripts.js';

/** A file that the pages need. */
export interface Asset {
  readonly contentType: string;
  readonly content: string;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0a4fa3"/>' +
  '<path d="M3 5l2 6 3-5 3 5 2-6" fill="none" stroke="#fff" stroke-width="1.5"/></svg>';

const ASSETS: Readonly<Record<string, Asset>> = {
  'htmx.js': script(HTMX),
  'htmx-sse.js': script(HTMX_SSE),
  'console.js': script(CONSOLE_JS),
  'icon.svg': { contentType: 'image/svg+xml', content: ICON },
  'console.css': { contentType: 'text/css; charset=utf-8', content: CONSOLE_CSS },
};

const URLS: ReadonlyMap<string, string> = new Map(
  Object.entries(ASSETS).map(([name, { content }]) => [name, `/assets/${fingerprint(content)}/${name}`]),
);

/** Where a page finds an asset. The address changes with the content, so that browsers may keep it for ever. */
export function assetUrl(name: 'htmx.js' | 'htmx-sse.js' | 'console.js' | 'icon.svg' | 'console.css'): string {
  return URLS.get(name) ?? '';
}

/** The asset at an address; undefined when it is none, or one of another version. */
export function findAsset(version: string, name: string): Asset | undefined {
  return URLS.get(name) === `/assets/${version}/${name}` ? ASSETS[name] : undefined;
}

function script(content: string): Asset {
  return { contentType: 'text/javascript; charset=utf-8', content };
}

function fingerprint(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { resolve } = createRequire(import.meta.url);

/** The scripts of others that the pages run. The build puts them into the bundle. */
export const HTMX = read('htmx.org/dist/htmx.min.js');
export const HTMX_SSE = read('htmx-ext-sse/dist/sse.min.js');

function read(path: string): string {
  return readFileSync(resolve(path), 'utf8');
}

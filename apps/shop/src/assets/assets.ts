import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that pages load. */
export interface Asset {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const { resolve } = createRequire(import.meta.url);
const own = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** All that pages load: the shop's own files, and those of the packages it depends on. Nothing comes from elsewhere. */
const FILES = [
  own('../../public/shop.css'),
  own('../../public/checkout.client.js'),
  own('../../public/oolong.svg'),
  own('../../public/pineapple-cake.svg'),
  own('../../public/teapot.svg'),
  own('../../src/payment-page/payment-page.css'),
  own('../../src/payment-page/payment-page.client.js'),
  resolve('htmx.org/dist/htmx.min.js'),
  resolve('htmx-ext-sse/dist/sse.min.js'),
];

const HASH_LENGTH = 12;

const urls = new Map<string, string>();
const assets = new Map<string, Asset>();
for (const file of FILES) {
  const content = readFileSync(file);
  const name = basename(file);
  const hash = createHash('sha256').update(content).digest('hex').slice(0, HASH_LENGTH);
  urls.set(name, `/assets/${hash}/${name}`);
  assets.set(`${hash}/${name}`, { type: TYPES[extname(name)] ?? 'application/octet-stream', content });
}

/** The address of a file by its name: another one whenever its content is another, so that browsers may keep it for ever. */
export function assetUrl(name: string): string {
  const url = urls.get(name);
  if (url === undefined) throw new Error(`There is no asset ${name}: name it in FILES.`);
  return url;
}

/** What is at `/assets/<hash>/<name>`. */
export function findAsset(hash: string, name: string): Asset | undefined {
  return assets.get(`${hash}/${name}`);
}

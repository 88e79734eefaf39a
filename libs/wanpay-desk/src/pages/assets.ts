import { createHash } from 'node:crypto';
import { DESK_SCRIPT } from './desk.client.js';
import { DESK_CSS } from './desk.css.js';

/** A file that the pages need. Its name changes with its content, so that browsers may keep it for ever. */
export interface Asset {
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#14605a"/>' +
  '<path d="M3 5h10M3 8h10M3 11h6" stroke="#fff" stroke-width="1.5"/></svg>';

export const ASSETS = {
  style: asset('desk.css', 'text/css; charset=utf-8', DESK_CSS),
  script: asset('desk.js', 'text/javascript; charset=utf-8', DESK_SCRIPT),
  icon: asset('icon.svg', 'image/svg+xml', ICON),
} as const;

/** The asset of a name; undefined when there is none, or it is another version's. */
export function findAsset(name: string): Asset | undefined {
  return Object.values(ASSETS).find((each) => each.name === name);
}

function asset(name: string, type: string, content: string): Asset {
  const fingerprint = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `${fingerprint}-${name}`, type, content };
}

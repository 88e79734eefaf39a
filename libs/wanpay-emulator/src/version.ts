import { readFileSync } from 'node:fs';

/** The package's version. The build puts it into the bundle. */
export const VERSION = ownVersion();

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

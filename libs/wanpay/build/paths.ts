import { join } from 'node:path';

/** The package's folder. */
export const PACKAGE = join(import.meta.dirname, '..');
export const SOURCE = join(PACKAGE, 'src');
/** ES modules and their types; CommonJS and its types are in the folder below it. */
export const DIST = join(PACKAGE, 'dist');
export const COMMON_JS = join(DIST, 'cjs');

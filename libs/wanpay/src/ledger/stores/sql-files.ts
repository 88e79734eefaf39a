import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../../../sql/', import.meta.url);

/** The files of the package's `sql` folder: their text by their names. The build puts them into the bundles. */
export const SQL_FILES = { postgres: read('postgres'), sqlite: read('sqlite'), mysql: read('mysql') };

function read(dialect: string): Readonly<Record<string, string>> {
  const folder = new URL(`${dialect}/`, FOLDER);
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'));
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]));
}

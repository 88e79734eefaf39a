import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Where a program is that `debian.sh` sees to: on the PATH, or unpacked into the user's own folder. Undefined when it is
 * in neither: run `npm run test:programs`.
 */
export function findProgram(command: string): string | undefined {
  const { PATH = '', XDG_CACHE_HOME = join(homedir(), '.cache') } = process.env;
  const folders = [...PATH.split(delimiter), join(XDG_CACHE_HOME, 'nestjs-wanpay', 'debian', 'bin')];
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

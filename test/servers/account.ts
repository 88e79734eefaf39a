import { type SpawnOptions } from 'node:child_process';
import { chmod, chown, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** `nobody`, under which servers run that refuse to be root's. */
const NOBODY = 65534;

/** Whether servers have to be run under another account than ours. */
export const isRoot = process.getuid?.() === 0;

/** Whom to start a server as, for `spawn`. */
export const asServer: Pick<SpawnOptions, 'uid' | 'gid'> = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Gives a folder to the account that the server runs under. */
export async function giveToServer(folder: string): Promise<void> {
  if (isRoot) await chown(folder, NOBODY, NOBODY);
}

/** Gives it a folder with all that is in it, which nobody else may look into. */
export async function giveAllToServer(folder: string): Promise<void> {
  const names = isRoot ? await readdir(folder, { recursive: true }) : [];
  await Promise.all(names.map((name) => giveToServer(join(folder, name))));
  await giveToServer(folder);
  await chmod(folder, 0o700);
}

import { type SpawnOptions } from 'node:child_process';
import { chown } from 'node:fs/promises';

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

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeVersion } from '../../hosts/node-versions.js';

/** graphile-worker 0.18 needs Node.js 22.18, pg-boss 12 needs 22.12. */
const OLDEST = [22, 18] as const;
const NEWER = '24';

/** Runs this program again with a Node.js that all peers run on, where this one is too old; tells how it ended. */
export async function onNewerNode(): Promise<number | undefined> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined;
  const { bin } = await nodeVersion(NEWER);
  const again = spawn(join(bin, 'node'), process.argv.slice(1), { stdio: 'inherit' });
  await once(again, 'exit');
  return again.exitCode ?? 1;
}

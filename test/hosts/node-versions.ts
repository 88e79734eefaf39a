import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CACHE } from './cache.js';
import { run } from './run.js';

/** A Node.js, and the folder of its program. */
export interface NodeVersion {
  readonly version: string;
  readonly bin: string;
}

/** The Node.js that runs this. */
export const THIS_NODE: NodeVersion = { version: process.versions.node, bin: dirname(process.execPath) };

/** A version of Node.js from npm's `node` package, such as `22` or `20.19.0`; it is installed unless it was before. */
export async function nodeVersion(wanted: string): Promise<NodeVersion> {
  const kept = join(CACHE, 'node', wanted);
  if (!(await stat(kept).catch(() => undefined))) await install(wanted, kept);
  const bin = join(kept, 'node_modules', 'node', 'bin');
  return { version: (await run(['node', '--version'], { cwd: kept, bin })).trim().replace('v', ''), bin };
}

async function install(wanted: string, kept: string): Promise<void> {
  await mkdir(dirname(kept), { recursive: true });
  const unfinished = await mkdtemp(`${kept}-`);
  try {
    const options = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock'];
    await run(['npm', 'install', '--prefix', unfinished, ...options, `node@${wanted}`], { cwd: unfinished });
    // Another process may have been faster.
    await rename(unfinished, kept).catch(() => undefined);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

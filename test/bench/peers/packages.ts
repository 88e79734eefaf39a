import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE } from '../../hosts/cache.js';
import { run } from '../../hosts/run.js';

/** The newest of each in November 2026. Both Nest modules ask for Nest 11; what they run on is theirs, not this project's. */
export const PEERS = {
  '@golevelup/nestjs-stripe': '1.1.1',
  stripe: '20.4.1',
  '@rytass/payments-adapter-ecpay': '0.5.0',
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@nestjs/platform-express': '11.2.10',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
  lodash: '4.18.1',
  bullmq: '6.7.0',
  ioredis: '5.9.2',
  'graphile-worker': '0.18.0',
  'pg-boss': '12.38.0',
  '@opentelemetry/api': '1.9.1',
  pg: '8.23.1',
} as const;

/** Beside the sources, since a build copies no JavaScript. */
const PROGRAMS = fileURLToPath(new URL('../../../peers/programs', import.meta.url));
const INSTALL = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--legacy-peer-deps'];

/** Installs the peers far from this project's packages, unless they are there, with the programs as they are now. */
export async function installPeers(): Promise<string> {
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: PEERS });
  const folder = join(CACHE, '..', 'bench-peers', createHash('sha256').update(manifest).digest('hex').slice(0, 12));
  if (!(await stat(folder).catch(() => undefined))) await install(folder, manifest);
  for (const name of await readdir(PROGRAMS)) await copyFile(join(PROGRAMS, name), join(folder, name));
  return folder;
}

async function install(folder: string, manifest: string): Promise<void> {
  await mkdir(join(folder, '..'), { recursive: true });
  const unfinished = await mkdtemp(`${folder}-`);
  try {
    await writeFile(join(unfinished, 'package.json'), manifest);
    await run(['npm', ...INSTALL], { cwd: unfinished });
    // Another process may have been faster.
    await rename(unfinished, folder).catch(() => undefined);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

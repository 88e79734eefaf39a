import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE } from './cache.js';
import { EXAMPLES, HOSTS, type HostName, SOURCES } from './hosts.js';
import type { PackedLibrary } from './packed-libraries.js';
import type { HostResult } from './try-host.js';

const PASSES = join(CACHE, 'passes');

/** Remembers with which versions of Node.js a host worked, as long as its files and the libraries are the same. */
export class Passes {
  constructor(
    private readonly host: HostName,
    private readonly libraries: readonly PackedLibrary[],
  ) {}

  async of(node: string): Promise<HostResult | undefined> {
    const text = await readFile(await this.path(node), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as HostResult);
  }

  async keep(result: HostResult): Promise<void> {
    if (result.failure) return;
    await mkdir(PASSES, { recursive: true });
    await writeFile(await this.path(result.node), JSON.stringify(result));
  }

  private async path(node: string): Promise<string> {
    const hash = createHash('sha256').update(node);
    for (const library of this.libraries) hash.update(library.hash);
    for (const folder of [this.host, ...HOSTS[this.host].copies.map((name) => join('shared', name))]) {
      await addFiles(hash, join(SOURCES, folder));
    }
    const { example } = HOSTS[this.host];
    if (example !== undefined) await addFiles(hash, join(EXAMPLES, example, 'src'));
    return join(PASSES, `${this.host}-${hash.digest('hex').slice(0, 16)}.json`);
  }
}

async function addFiles(hash: ReturnType<typeof createHash>, folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort()) hash.update(path.slice(folder.length)).update(await readFile(path));
}

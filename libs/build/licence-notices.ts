import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';
import { distOf, type Library } from './library.js';

/** The folder of the package that a module belongs to. */
const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
/** What the bundler adds, such as the functions that decorate a class, has no file. */
const BUNDLER = packageAt('rolldown');

/** The licences of the packages whose code became part of ours. */
export class LicenceNotices {
  private readonly folders: Set<string>;

  constructor(private readonly library: Library) {
    this.folders = new Set(library.fixedModules.flatMap(({ reads = [] }) => reads.map(packageAt)));
  }

  /** Notes whose code is in a bundle. */
  plugin(): Plugin {
    return {
      name: 'licence-notices',
      generateBundle: (_, chunks) => {
        for (const chunk of Object.values(chunks)) {
          if (chunk.type === 'chunk') for (const id of chunk.moduleIds) this.note(id);
        }
      },
    };
  }

  async write(): Promise<void> {
    const notices = await Promise.all([...this.folders].sort().map(noticeOf));
    await writeFile(
      join(distOf(this.library), 'THIRD-PARTY-NOTICES.txt'),
      `Code of these packages is part of the files here.\n\n${notices.join('\n')}`,
    );
  }

  private note(id: string): void {
    const folder = id.startsWith('\0') ? BUNDLER : PACKAGE_FOLDER.exec(id)?.[0];
    if (folder !== undefined) this.folders.add(folder);
  }
}

function packageAt(name: string): string {
  return join(import.meta.dirname, '../../node_modules', name);
}

async function noticeOf(folder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  if (!isManifest(manifest)) throw new TypeError(`${folder} has no name and version.`);
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  if (!licence) throw new Error(`${manifest.name} has no licence text, so it can't be made part of the package.`);
  return `--- ${manifest.name} ${manifest.version}\n\n${await readFile(join(folder, licence), 'utf8')}`;
}

function isManifest(value: unknown): value is { readonly name: string; readonly version: string } {
  return typeof value === 'object' && value !== null && 'name' in value && 'version' in value;
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A package as the lock file tells of it. */
interface LockedPackage {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const LOCK_FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));

/** The repository's lock file: what is installed where, and what for. */
export class LockFile {
  private readonly packages: Readonly<Record<string, LockedPackage>>;

  constructor() {
    const content = JSON.parse(readFileSync(LOCK_FILE, 'utf8')) as {
      packages: Readonly<Record<string, LockedPackage>>;
    };
    this.packages = content.packages;
  }

  /** All that comes along with a package that somebody installs, itself included; a peer only where it is required. */
  installedWith(folder: string): string[] {
    const found = new Set([folder]);
    for (const place of found) for (const next of this.wants(place)) found.add(next);
    return [...found];
  }

  /** Whether npm runs a script of the package when it is installed. */
  hasInstallScript(place: string): boolean {
    return this.packages[place]?.hasInstallScript === true;
  }

  private wants(place: string): string[] {
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = this.packages[place] ?? {};
    const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional);
    const names = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers];
    return names.flatMap((name) => this.find(name, place) ?? []);
  }

  /** Where Node finds a package: beside the one that wants it, or further up. */
  private find(name: string, from: string): string | undefined {
    const folders = from.split('/').map((_, index, parts) => `${parts.slice(0, index + 1).join('/')}/`);
    const places = ['', ...folders].map((folder) => `${folder}node_modules/${name}`).toReversed();
    const place = places.find((candidate) => candidate in this.packages);
    const found = this.packages[place ?? ''];
    return found?.link ? found.resolved : place;
  }
}

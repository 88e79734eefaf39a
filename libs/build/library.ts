import { join } from 'node:path';
import type { InputOptions, OutputOptions } from 'rolldown';

/** A library of this project, and what its build takes into account. */
export interface Library {
  /** Its folder: the sources are in `src`, and what is built goes to `dist`. */
  readonly folder: string;
  readonly bundles: readonly Bundle[];
  /** Whether what an import names becomes part of the library. Its own files always do. */
  readonly isInlined: (id: string) => boolean;
  readonly fixedModules: readonly FixedModule[];
  readonly input?: InputOptions;
}

/** Entries that share their code. Each is at the same path in the sources, the types and both formats. */
export interface Bundle {
  readonly format: 'cjs' | 'esm';
  readonly entries: readonly string[];
  /** What becomes of the code that they share. */
  readonly shared: NonNullable<Exclude<OutputOptions['codeSplitting'], boolean>>['groups'];
  /** The folder of the files that its entries share, by default the package's. Bundles of one format have no file in common. */
  readonly sharedFolder?: string;
  /** Whether two functions of the same name both keep it; true by default. This takes one more file to load. */
  readonly keepNames?: boolean;
}

/** A module that reads files at run time. A bundle may lie anywhere, so it holds what they read. */
export interface FixedModule {
  /** Its path below the sources. */
  readonly file: string;
  /** The packages whose files it reads. */
  readonly reads?: readonly string[];
}

export function sourceOf({ folder }: Library): string {
  return join(folder, 'src');
}

/** ES modules and their types. */
export function distOf({ folder }: Library): string {
  return join(folder, 'dist');
}

/** CommonJS and its types. */
export function commonJsOf(library: Library): string {
  return join(distOf(library), 'cjs');
}

/** The entries that have a format. */
export function entriesOf({ bundles }: Library, format: Bundle['format']): readonly string[] {
  return bundles.filter((bundle) => bundle.format === format).flatMap(({ entries }) => entries);
}

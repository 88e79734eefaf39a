import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const FOLDER = '.spec-bundles';
const GLOBALS = fileURLToPath(new URL('jest-globals.ts', import.meta.url));

/** Our own files become part of the bundle, and what the compiler calls; the libraries stay outside and are loaded once. */
const OURS = /^(@jest\/globals$|nestjs-wanpay\/|@oxc-project\/runtime\/)/;

/** A spec and all files of ours that it imports, as one module that can be loaded again and again in a few milliseconds. */
export class SpecBundle {
  private loads = 0;

  private constructor(
    readonly spec: string,
    private readonly file: string,
  ) {}

  /** Builds it in the folder of the run, unless a process that ended built it there. */
  static async build(spec: string): Promise<SpecBundle> {
    const file = join(process.cwd(), FOLDER, `${basename(spec, '.spec.ts')}.mjs`);
    if (existsSync(file)) return new SpecBundle(spec, file);
    const build = await rolldown({
      input: spec,
      platform: 'node',
      external: (id) => id === GLOBALS || (/^[^./\0]/.test(id) && !OURS.test(id)),
      resolve: {
        alias: { '@jest/globals': GLOBALS, 'nestjs-wanpay': join(process.cwd(), 'libs/wanpay/src') },
        extensionAlias: { '.js': ['.ts', '.js'] },
      },
      transform: { target: 'es2023', decorator: { legacy: true, emitDecoratorMetadata: true } },
      tsconfig: false,
      // What is not used now may be used by a mutant.
      treeshake: false,
    });
    await build.write({ file, format: 'esm', keepNames: true, codeSplitting: false });
    await build.close();
    return new SpecBundle(spec, file);
  }

  /** Whether it stands beside the file, and so is the first to notice. */
  isOf(source: string | undefined): boolean {
    return resolve(this.spec).replace(/\.spec\.ts$/, '.ts') === source;
  }

  /** Describes the tests of the spec anew, with all state of modules as it is at the start of a process. */
  async load(): Promise<void> {
    await import(`${pathToFileURL(this.file).href}?${(this.loads += 1)}`);
  }
}

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { publint } from 'publint';
import { type Packed, packAll } from './packed.js';

const run = promisify(execFile);
const LIBRARIES = join(import.meta.dirname, '../../libs');
const PACKAGES = join(import.meta.dirname, '../../node_modules');
const BUILT_IN = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]).concat('node:sqlite'));
/** The name of the package that a statement or call imports. */
const IMPORTED = /^[^'"`\n]*(?:\bfrom |\bimport |\bimport\(|(?:\b|__)require\()["']((?:@[^/"']+\/)?[^./"'][^/"']*)/gm;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** What a library has besides a file for each entry, and the licences of what became part of it. */
const EXPECTED = [
  {
    name: 'nestjs-wanpay',
    folder: 'wanpay',
    besides: ['core', 'link', 'logging', 'module', 'report-loss', 'rolldown-runtime', 'stores', 'wire'].map(
      (name) => `dist/${name}.js`,
    ),
    maps: /^dist\/(cjs\/)?core\.js\.map$/,
    licences: /^--- p-limit 7\..*^--- class-validator 0\.15\..*^--- lossless-json 4\./ms,
  },
  {
    name: 'wanpay-emulator',
    folder: 'wanpay-emulator',
    besides: ['cli', 'core', 'emulator', 'messages', 'rolldown-runtime', 'vendor'].map((part) => `dist/${part}.js`),
    maps: /^dist\/(cjs\/)?core\.js\.map$/,
    licences: /^--- commander 14\..*^--- @nestjs\/core 12\..*^--- express 5\..*^--- htmx\.org 2\./ms,
  },
  {
    name: 'nestjs-wanpay-desk',
    folder: 'wanpay-desk',
    besides: [],
    maps: /^dist\/(cjs\/)?index\.js\.map$/,
    licences: /^--- preact 11\..*^--- preact-render-to-string 6\./ms,
  },
];

/** Of what was built; `npm test` builds first. */
let libraries: ReadonlyMap<string, Packed>;
beforeAll(async () => {
  libraries = await packAll(EXPECTED.map(({ folder }) => join(LIBRARIES, folder)));
});

describe.each(EXPECTED)('$name as it is packed', ({ name: library, besides, maps: expected, licences }) => {
  let packed: Packed;
  let manifest: Manifest;

  beforeAll(() => {
    packed = packedAs(library);
    manifest = readManifest(packed.files);
  });

  function filesThat(end: RegExp): readonly (readonly [string, string])[] {
    return [...packed.files].filter(([path]) => path.startsWith('dist/') && end.test(path));
  }

  it('has types that every resolution of TypeScript finds and that tell the truth (attw)', async () => {
    const result = await checkPackage(createPackageFromTarballData(packed.tarball));
    expect(result.types && result.problems).toEqual([]);
  });

  it('has exports that Node and bundlers agree on (publint --strict)', async () => {
    const { messages } = await publint({ pkgDir: 'package', pack: { tarball: packed.tarball.buffer }, strict: true });
    expect(messages).toEqual([]);
  });

  it('imports only what it depends on, in its files and in its types', () => {
    const known = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }));
    const unknown = filesThat(/\.(js|d\.ts)$/).flatMap(([path, text]) =>
      [...text.matchAll(IMPORTED)]
        .map(([, name = '']) => name)
        .filter((name) => !known.has(name) && !BUILT_IN.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('has source maps that hold the sources', () => {
    const maps = filesThat(/\.js\.map$/).map(([path, text]) => ({ path, map: readMap(text) }));
    // Entries that only pass on what they share have none.
    expect(maps.filter(({ path }) => expected.test(path))).toHaveLength(2);
    for (const { path, map } of maps) {
      expect({ path, held: map.sourcesContent?.filter((text) => text !== null) }).toEqual({
        path,
        held: map.sources.map(() => expect.any(String)),
      });
    }
  });

  it('has declaration maps that lead to sources that are shipped', () => {
    const maps = filesThat(/\.d\.ts\.map$/);
    expect(maps.length).toBe(filesThat(/\.d\.ts$/).length);
    for (const [path, text] of maps) {
      for (const source of readMap(text).sources) {
        expect({ path, leadsTo: [...packed.files.keys()] }).toMatchObject({
          leadsTo: expect.arrayContaining([join(path, '..', source)]),
        });
      }
    }
  });

  it('is built before it is packed, and has every file that its manifest names', () => {
    const text = packed.files.get('package.json') ?? '';
    expect(/"prepack": "([^"]*)"/.exec(text)?.[1]).toEqual(expect.stringMatching(/(^|&& )tsx build\/main\.ts$/));
    const named = [...text.matchAll(/"\.\/((?:dist|bin)\/[^"]+)"/g)].map(([, path]) => path);
    expect(named.length).toBeGreaterThan(4);
    expect([...packed.files.keys()]).toEqual(expect.arrayContaining(named));
  });

  it('ships no tests, and the licences of what became part of it', () => {
    expect([...packed.files.keys()].filter((path) => /\.(spec|fixture)\./.test(path))).toEqual([]);
    expect(packed.files.get('dist/THIRD-PARTY-NOTICES.txt')).toMatch(licences);
  });

  it('keeps to a few files: one for each entry and what they share', () => {
    const loaded = filesThat(/\.js$/).filter(([path]) => !/^dist\/(cjs|cli)\//.test(path));
    expect(loaded).toHaveLength(Object.keys(manifest.exports).length - 1 + besides.length);
    expect(loaded.map(([path]) => path)).toEqual(expect.arrayContaining(besides));
  });
});

/** What each door says without the optional peer that it needs; all others work. */
const WITHOUT_PEERS = {
  './telemetry': /^open_telemetry_missing: .*npm install @opentelemetry\/api/,
  './bullmq': /^bullmq_missing: .*npm install bullmq/,
  './postgres': /^pg_missing: .*npm install pg/,
  './mysql': /^mysql2_missing: .*npm install mysql2/,
  './sqlite': /^driver_missing: .*npm install libsql/,
};

describe('what nestjs-wanpay loads', () => {
  let files: Packed['files'];
  beforeAll(() => {
    ({ files } = packedAs('nestjs-wanpay'));
  });

  it('is no Nest for the protocol, the ledger and the transactions', () => {
    const reached = new Set<string>();
    const packagesOf = (path: string): readonly string[] => {
      if (reached.has(path)) return [];
      reached.add(path);
      const text = files.get(path) ?? '';
      const near = [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, relative = '']) => join(path, '..', relative));
      return [...[...text.matchAll(IMPORTED)].map(([, name = '']) => name), ...near.flatMap(packagesOf)];
    };
    const packages = ['protocol', 'ledger', 'transactions'].flatMap((entry) => packagesOf(`dist/${entry}/index.js`));
    expect(packages.filter((name) => !BUILT_IN.has(name))).toEqual([]);
  });

  it('is OpenTelemetry for its own door alone, and @nestjs/terminus for none', () => {
    const loading = [...files].filter(([path, text]) => {
      return /^dist\/.*\.js$/.test(path) && /@opentelemetry\/|@nestjs\/terminus/.test(text);
    });
    expect(loading.map(([path]) => path).sort()).toEqual(['dist/cjs/telemetry/index.js', 'dist/telemetry/index.js']);
  });
});

it('says what to install where an optional peer is missing, in both of its forms', async () => {
  const { files } = packedAs('nestjs-wanpay');
  const host = await mkdtemp(join(tmpdir(), 'wanpay-host-'));
  try {
    await install(files, host);
    await copyFile(join(import.meta.dirname, 'without-peers.mjs'), join(host, 'main.mjs'));
    const { stdout } = await run(process.execPath, ['main.mjs'], { cwd: host });
    const told: unknown = JSON.parse(stdout);
    const expected = Object.entries(WITHOUT_PEERS).map(([door, text]) => {
      const message: unknown = expect.stringMatching(text);
      return [door, { esm: message, cjs: message }] as const;
    });
    const { exports } = readManifest(files);
    const works = Object.keys(exports).map((door) => [door, { esm: 'works', cjs: 'works' }] as const);
    expect(told).toEqual({ ...Object.fromEntries([...works, ...expected]), './package.json': undefined });
  } finally {
    await rm(host, { recursive: true });
  }
});

it('works as one where a process has loaded both of its forms', async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'two-copies.js')]);
  expect(JSON.parse(stdout)).toEqual({
    copies: 2,
    isInjected: true,
    handlers: ['Shipping.ship'],
    isError: true,
    isAnotherError: false,
    twice: { code: 'invalid_configuration', isError: true },
  });
});

it('has an emulator that its other form recognises', async () => {
  const { stdout } = await run(process.execPath, [join(import.meta.dirname, 'two-emulators.js')]);
  expect(JSON.parse(stdout)).toEqual({ copies: 2, isError: true, isAnotherError: false, isNotified: false });
});

function packedAs(name: string): Packed {
  const packed = libraries.get(name);
  if (!packed) throw new Error(`${name} was not packed.`);
  return packed;
}

/** Installs what was packed in a host of its own, with what it depends on and its required peers. */
async function install(files: Packed['files'], host: string): Promise<void> {
  const { dependencies, peerDependencies, peerDependenciesMeta } = readManifest(files);
  const required = Object.keys({ ...dependencies, ...peerDependencies }).filter(
    (name) => !peerDependenciesMeta?.[name]?.optional,
  );
  for (const name of required) {
    const place = join(host, 'node_modules', name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(join(PACKAGES, name), place);
  }
  for (const [path, text] of files) {
    const place = join(host, 'node_modules/nestjs-wanpay', path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text);
  }
}

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent?: readonly (string | null)[];
}

function readMap(text: string): SourceMap {
  const map: unknown = JSON.parse(text);
  if (typeof map === 'object' && map !== null && 'sources' in map && Array.isArray(map.sources)) {
    return { sourcesContent: [], ...map, sources: map.sources };
  }
  throw new TypeError('A map names no sources.');
}

function readManifest(files: Packed['files']): Manifest {
  const read: unknown = JSON.parse(files.get('package.json') ?? '');
  if (isManifest(read)) return read;
  throw new TypeError('The manifest has no exports.');
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'exports' in value;
}

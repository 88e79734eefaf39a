import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const FIXTURES = join(import.meta.dirname, 'types');

/** What the compiler says of a fixture, with the strictest settings that a host may have and its declarations written. */
function complaintsAbout(file: string, more: ts.CompilerOptions = {}): readonly string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    declaration: true,
    emitDeclarationOnly: true,
    skipLibCheck: true,
    types: ['node'],
    ...more,
  };
  const program = ts.createProgram([join(FIXTURES, file)], options, hostFor(options));
  const written = program.emit(undefined, () => undefined);
  // Those of other packages are theirs to check.
  const ours = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'));
  return [
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]),
    ...written.diagnostics,
  ].map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** What was read with the settings that most fixtures have: the same libraries and packages for each. */
const sources = new Map<string, ts.SourceFile | undefined>();

function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  if (options.module !== ts.ModuleKind.NodeNext) return host;
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...how) => {
    const known = sources.get(path) ?? read(path, ...how);
    sources.set(path, known);
    return known;
  };
  return host;
}

describe('the types of both packages', () => {
  it.each(['vitest', 'jest', 'jest-globals'])('tell %s of the matchers', (framework) => {
    expect(complaintsAbout(`${framework}.ts`)).toEqual([]);
  });

  it('hold in the oldest settings of Nest’s own generator, and are checked themselves (no esModuleInterop, skipLibCheck: false)', () => {
    const settings = {
      target: ts.ScriptTarget.ES2021,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      ignoreDeprecations: '6.0',
      allowSyntheticDefaultImports: false,
      esModuleInterop: false,
      skipLibCheck: false,
      experimentalDecorators: true,
    };
    expect(complaintsAbout('root.ts', settings)).toEqual([]);
  });

  it('let options be undefined, and what a host exports be named (exactOptionalPropertyTypes, declaration)', () => {
    expect(complaintsAbout('options.ts')).toEqual([]);
  });
});

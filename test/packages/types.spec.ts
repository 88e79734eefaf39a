import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const FIXTURES = join(import.meta.dirname, 'types');

/** What the compiler says of a fixture, with the strictest settings that a host may have and its declarations written. */
function complaintsAbout(name: string): readonly string[] {
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
  };
  const program = ts.createProgram([join(FIXTURES, `${name}.ts`)], options);
  const written = program.emit(undefined, () => undefined);
  return [...ts.getPreEmitDiagnostics(program), ...written.diagnostics].map(
    ({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
  );
}

describe('the types of both packages', () => {
  it.each(['vitest', 'jest', 'jest-globals'])('tell %s of the matchers', (framework) => {
    expect(complaintsAbout(framework)).toEqual([]);
  });

  it('let options be undefined, and what a host exports be named (exactOptionalPropertyTypes, declaration)', () => {
    expect(complaintsAbout('options')).toEqual([]);
  });
});

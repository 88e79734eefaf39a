import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { lintTyped } from './typed-rules.js';

const ROOT = join(import.meta.dirname, '../..');
const RULES = '.oxlintrc.json';

/** For each rule, code that breaks it. */
const BROKEN: Record<string, string> = {
  'await-thenable': 'export const f = async (n: number) => { await n; await Promise.resolve(); };',
  'dot-notation': "export const f = (o: { a: 1 }) => o['a'];",
  'no-array-delete': 'export const f = (list: number[]) => { delete list[0]; };',
  'no-base-to-string': 'export const f = (o: { a: 1 }) => String(o);',
  'no-confusing-void-expression': 'declare const g: () => void; export const f = () => g();',
  'no-deprecated': '/** @deprecated Old. */ const old = () => 1; export const f = () => old();',
  'no-duplicate-type-constituents': 'type A = 1; export type T = A | 2 | A;',
  'no-floating-promises': 'declare const g: () => Promise<1>; export const f = () => { g(); };',
  'no-for-in-array': 'export const f = (list: number[]) => { for (const i in list) list.push(+i); };',
  'no-generated-empty-object-type': "interface A { a: 1 } export type T = Omit<A, 'a'>;",
  'no-implied-eval': "export const f = () => new Function('return 1');",
  'no-meaningless-void-operator': 'declare const g: () => void; export const f = () => { void g(); };',
  'no-misused-promises': 'declare const g: () => Promise<1>; export const f = () => { if (g()) f(); };',
  'no-misused-spread': 'export const f = (s: string) => [...s];',
  'no-mixed-enums': "export enum E { A = 1, B = 'b' }",
  'no-redundant-type-constituents': 'export type T = 1 | unknown;',
  'no-unnecessary-boolean-literal-compare': 'export const f = (b: boolean) => (b === true ? 1 : 2);',
  'no-unnecessary-condition': 'export const f = (o: object) => (o ? 1 : 2);',
  'no-unnecessary-template-expression': "export const f = () => `${'a'}b`;",
  'no-unnecessary-type-arguments': 'const g = <T = 1>(t: T[]) => t; export const f = () => g<1>([]);',
  'no-unnecessary-type-assertion': 'export const f = (n: number) => n as number;',
  'no-unnecessary-type-conversion': 'export const f = (s: string) => String(s);',
  'no-unnecessary-type-parameters': 'export const f = <T>(t: T): void => { console.log(t); };',
  'no-unsafe-argument': 'declare const a: any; declare const g: (n: number) => void; export const f = () => { g(a); };',
  'no-unsafe-assignment': 'declare const a: any; export const b: number = a;',
  'no-unsafe-call': 'declare const a: any; export const f = () => { a(); };',
  'no-unsafe-enum-assignment': 'enum E { A = 1 } export const e: E = 1;',
  'no-unsafe-enum-comparison': 'enum E { A = 1 } export const f = (e: E) => e === 1;',
  'no-unsafe-member-access': 'declare const a: any; export const f = () => { a.b = 1; };',
  'no-unsafe-return': 'declare const a: any; export const f = () => a;',
  'no-unsafe-unary-minus': 'declare const s: string; export const n = -s;',
  'no-useless-default-assignment': 'export const f = ({ a = 1 }: { a: number }) => a;',
  'non-nullable-type-assertion-style': 'export const f = (n: number | undefined) => n as number;',
  'only-throw-error': "export const f = () => { throw 'a'; };",
  'prefer-find': 'export const f = (list: number[]) => list.filter((n) => n > 1)[0];',
  'prefer-includes': 'export const f = (s: string) => s.indexOf(s) !== -1;',
  'prefer-nullish-coalescing': 'export const f = (s: string | undefined) => s || 1;',
  'prefer-optional-chain': 'export const f = (o: { a: 1 } | undefined) => o && o.a;',
  'prefer-promise-reject-errors': "export const f = () => Promise.reject('a');",
  'prefer-reduce-type-parameter': 'export const f = (l: number[]) => l.reduce((a, n) => [...a, n], [] as number[]);',
  'prefer-regexp-exec': 'export const f = (s: string) => s.match(/a/);',
  'prefer-return-this-type': 'export class A { b(): A { return this; } }',
  'prefer-string-starts-ends-with': "export const f = (s: string) => s[0] === 'a';",
  'related-getter-setter-pairs': 'export class A { get b(): 1 | 2 { return 1; } set b(b: 1) { console.log(b); } }',
  'require-await': 'export const f = async () => 1;',
  'restrict-plus-operands': "export const f = (n: number) => 'a' + n;",
  'restrict-template-expressions': 'export const f = (o: { a: 1 }) => `${o}`;',
  'return-await':
    'declare const g: () => Promise<1>; export const f = async () => { try { return g(); } catch { return 1; } };',
  'unbound-method': 'declare class A { b(): void } export const f = (a: A) => a.b;',
  'use-unknown-in-catch-callback-variable': 'export const f = (p: Promise<1>) => p.catch((e) => { console.log(e); });',
};

const RIGHT = 'export const f = async (p: Promise<number>): Promise<string> => `${await p}`;';

const strictest = {
  compilerOptions: { strict: true, target: 'es2023', lib: ['es2023', 'dom'], module: 'nodenext', types: [] },
};

let root: string;
let results: ESLint.LintResult[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'typed-rules-'));
  copyFileSync(join(ROOT, RULES), join(root, RULES));
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(strictest));
  writeFileSync(join(root, 'right.ts'), RIGHT);
  for (const [rule, code] of Object.entries(BROKEN)) writeFileSync(join(root, `${rule}.ts`), code);
  results = await lintTyped(root, ['right.ts', ...Object.keys(BROKEN).map((rule) => `${rule}.ts`)]);
});

afterAll(() => {
  rmSync(root, { recursive: true });
});

function rulesBrokenIn(file: string): (string | null)[] {
  return results
    .filter(({ filePath }) => filePath === join(root, file))
    .flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId));
}

describe('a rule that needs types is checked:', () => {
  it.each(Object.keys(BROKEN))('%s', (rule) => {
    expect(rulesBrokenIn(`${rule}.ts`)).toContain(`typescript(${rule})`);
  });

  it('and code that breaks none is clean', () => {
    expect(rulesBrokenIn('right.ts')).toStrictEqual([]);
  });

  it('and what is found is an error, with its place', () => {
    const found = results.find(({ filePath }) => filePath === join(root, 'prefer-includes.ts'));
    expect(found).toMatchObject({ errorCount: 1, messages: [{ severity: 2, line: 1, column: 33 }] });
  });
});

describe('no rule is forgotten:', () => {
  // Options are classes for the validator's sake; hosts pass plain objects of the same shape.
  const unwanted = ['no-unsafe-class-instance-assignment'];

  it('each of the strict and stylistic sets that needs types has code here that breaks it', () => {
    const sets = [...tseslint.configs.strictTypeCheckedOnly, ...tseslint.configs.stylisticTypeCheckedOnly];
    const named = sets
      .flatMap(({ rules = {} }) => Object.keys(rules))
      .flatMap((name) => /^@typescript-eslint\/(.*)/.exec(name)?.[1] ?? []);
    const wanted = [...new Set(named)].filter((name) => !unwanted.includes(name)).sort();
    expect(Object.keys(BROKEN)).toStrictEqual(wanted);
  });
});

describe('Oxlint that can not run', () => {
  it('fails the lint', async () => {
    writeFileSync(join(root, RULES), '{ "rules": 1 }');
    await expect(lintTyped(root, ['right.ts'])).rejects.toThrow('Oxlint did not run.');
  });
});

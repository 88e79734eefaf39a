import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { codeBlocks, complaintsOfCompiler, ROOT } from './readme-project.js';

const DOCS = join(ROOT, 'libs/wanpay/docs');
/** Those of a task, whose code is complete files. `getting-started` has a spec of its own, which runs it. */
const GUIDES = ['configuration', 'events', 'existing-applications', 'ledgers', 'observability', 'taking-a-payment'];
const TOOLS = ['custom', 'drizzle', 'knex', 'kysely', 'mikro-orm', 'nestjs-cls', 'prisma', 'typeorm'];
/** Within the workspace, so that the packages resolve as they would for a user. */
const PROJECT = join(ROOT, 'test/readme/pages');

/** What the host has already, where a page leaves it to its tool. Prisma itself is tried by `npm run test:hosts`. */
const HOST: Readonly<Record<string, string>> = {
  'prisma/src/adapter.d.ts': `declare module '@prisma/adapter-pg' {
    export class PrismaPg {
      constructor(options: { connectionString: string | undefined });
    }
  }`,
  'prisma/src/generated/client.ts': `
    interface Orders {
      update(change: { where: { no: string }; data: { paidAt: Date } }): Promise<unknown>;
      upsert(order: { where: { no: string }; create: { no: string }; update: object }): Promise<unknown>;
      findUnique(query: { where: { no: string } }): Promise<unknown>;
    }
    interface Client {
      readonly order: Orders;
      $queryRawUnsafe(text: string, ...values: unknown[]): Promise<unknown>;
    }
    export namespace Prisma {
      export type TransactionClient = Client;
    }
    export declare class PrismaClient {
      readonly order: Orders;
      constructor(options: { adapter: object });
      $transaction(work: (client: Prisma.TransactionClient) => Promise<void>): Promise<void>;
      $disconnect(): Promise<void>;
    }`,
  'custom/src/sql.ts': `
    interface Sql {
      unsafe(text: string, values: (string | null)[]): Promise<{ name: string }[]>;
    }
    export declare const sql: { begin(work: (transaction: Sql) => Promise<void>): Promise<void> };`,
};

afterAll(() => rm(PROJECT, { recursive: true, force: true }));

it('the guides and the pages about transactions show code that compiles', async () => {
  expect((await readdir(join(DOCS, 'transactions'))).sort()).toEqual(TOOLS.map((name) => `${name}.md`));
  const files: Record<string, string> = { ...HOST };
  for (const page of [...GUIDES, ...TOOLS.map((name) => `transactions/${name}`)]) {
    const shown = codeBlocks(await readFile(join(DOCS, `${page}.md`), 'utf8'), 'ts');
    expect(Object.keys(shown)).not.toEqual([]);
    for (const [path, code] of Object.entries(shown)) files[join(basename(page), path)] = code;
  }
  const desk = codeBlocks(await readFile(join(ROOT, 'libs/wanpay-desk/README.md'), 'utf8'), 'ts');
  expect(Object.keys(desk)).toEqual(['src/admin.guard.ts', 'src/app.module.ts']);
  for (const [path, code] of Object.entries(desk)) files[join('desk', path)] = code;
  for (const [path, code] of Object.entries(files)) {
    await mkdir(dirname(join(PROJECT, path)), { recursive: true });
    await writeFile(join(PROJECT, path), code);
  }
  const settings = { extends: '../../../tsconfig.json', compilerOptions: { noEmit: true }, include: ['.'] };
  await writeFile(join(PROJECT, 'tsconfig.json'), JSON.stringify(settings));
  expect(await complaintsOfCompiler(PROJECT)).toEqual([]);
}, 60_000);

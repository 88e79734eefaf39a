import type { Ledger } from 'nestjs-wanpay/ledger';
import type pg from 'pg';
import type { Note } from '../plan.js';
import type { Fill } from './ledgers.js';

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** How PostgreSQL carries out what a sweep asks of it, with that many payments. What it explains it also does. */
export async function plansOf(client: pg.Client, pool: pg.Pool, ledger: Ledger, fill: Fill): Promise<readonly Note[]> {
  const now = new Date();
  // Once to learn the statement, and once to have it explained: both find something.
  const limit = Math.min(100, Math.floor(fill.due / 2));
  const asked: readonly [string, () => Promise<unknown>][] = [
    [`claim of ${limit}`, () => ledger.claimChecks({ now, leaseUntil: new Date(now.getTime() + 1000), limit })],
    ['nextCheckDue', () => ledger.nextCheckDue(now)],
  ];
  const notes: Note[] = [];
  for (const [name, ask] of asked) {
    for (const { text, values } of await statementsOf(pool, ask)) {
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, [...values]);
      const title = `PostgreSQL's plan of the ${name} with ${fill.due} due among ${fill.payments}`;
      notes.push({ title, lines: rows.map((row) => row['QUERY PLAN']) });
    }
  }
  return notes;
}

/** The statements that a pool is asked for meanwhile. */
async function statementsOf(pool: pg.Pool, ask: () => Promise<unknown>): Promise<readonly Statement[]> {
  const statements: Statement[] = [];
  const query: unknown = Reflect.get(pool, 'query');
  if (typeof query !== 'function') throw new TypeError('The pool has no query.');
  Reflect.set(pool, 'query', (...args: unknown[]): unknown => {
    statements.push(...args.filter(isStatement));
    const asking: unknown = Reflect.apply(query, pool, args);
    return asking;
  });
  try {
    await ask();
  } finally {
    Reflect.deleteProperty(pool, 'query');
  }
  return statements;
}

function isStatement(asked: unknown): asked is Statement {
  return typeof asked === 'object' && asked !== null && 'text' in asked && 'values' in asked;
}

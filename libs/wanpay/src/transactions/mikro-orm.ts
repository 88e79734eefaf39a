import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf, withQuestionMarks } from './rows.js';

/** What is used of MikroORM's `EntityManager` for SQL databases. */
export interface MikroOrmManagerLike {
  execute(text: string, values?: unknown[]): Promise<unknown>;
}

/** What is used of MikroORM itself. */
export interface MikroOrmLike<Manager> {
  readonly em: {
    fork(): Manager & { transactional(work: (manager: Manager) => Promise<void>): Promise<void> };
  };
}

/**
 * Transactions of MikroORM, 6 and 7: a handler with `{ transaction: true }` gets an `EntityManager` of its own, which is
 * flushed when the handler is done.
 */
export function mikroOrmTransactions<Manager extends MikroOrmManagerLike>(
  orm: MikroOrmLike<Manager>,
): HostTransactions<Manager> {
  return {
    tool: 'MikroORM',
    // A flush after the end would open a transaction of its own.
    clientsEnd: false,
    run: (work) => orm.em.fork().transactional(work),
    query: queryInMikroOrm,
  };
}

export const queryInMikroOrm: QueryIn<MikroOrmManagerLike> = async (manager, text, values) => {
  const statement = withQuestionMarks(text, values);
  return rowsOf(await manager.execute(statement.text, [...statement.values]));
};

import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf } from './rows.js';

/** What is used of TypeORM's `EntityManager`. */
export interface EntityManagerLike {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** What is used of TypeORM's `DataSource`. */
export interface DataSourceLike<Manager> {
  readonly manager: Manager;
  transaction(work: (manager: Manager) => Promise<void>): Promise<void>;
}

/**
 * Transactions of TypeORM, 0.3 and 1: a handler with `{ transaction: true }` gets an `EntityManager`. Its data source must
 * be of the ledger's own database, and initialised before the module starts, as `TypeOrmModule` has it.
 */
export function typeormTransactions<Manager extends EntityManagerLike>(
  dataSource: DataSourceLike<Manager>,
): HostTransactions<Manager> {
  return {
    tool: 'TypeORM',
    // A manager that is used after the end takes another connection.
    clientsEnd: false,
    run: (work) => dataSource.transaction(work),
    query: queryInTypeorm,
  };
}

export const queryInTypeorm: QueryIn<EntityManagerLike> = async (manager, text, values) =>
  rowsOf(await manager.query(text, [...values]));

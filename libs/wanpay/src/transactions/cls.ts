import type { HostTransactions } from '../ledger/host-transactions.js';
import { type DrizzleTransactionLike, queryInDrizzle } from './drizzle.js';
import { type KnexTransactionLike, queryInKnex } from './knex.js';
import { type KyselyTransactionLike, queryInKysely } from './kysely.js';
import { type MikroOrmManagerLike, queryInMikroOrm } from './mikro-orm.js';
import { type PrismaTransactionLike, queryInPrisma } from './prisma.js';
import { type EntityManagerLike, queryInTypeorm } from './typeorm.js';

/** What is used of the `TransactionHost` of `@nestjs-cls/transactional`. */
export interface TransactionHostLike<Client> {
  readonly tx: Client;
  withTransaction(work: () => Promise<void>): Promise<void>;
}

/**
 * Transactions of `@nestjs-cls/transactional`: a handler with `{ transaction: true }` runs where `withTransaction` would have
 * it, so that repositories that ask the transaction host join by themselves. `context.transaction` is the host's `tx`: of
 * TypeORM, Prisma, MikroORM, Drizzle, Kysely or Knex.
 */
export function clsTransactions<Client>(host: TransactionHostLike<Client>): HostTransactions<Client> {
  return {
    tool: '@nestjs-cls/transactional',
    // What is asked of the host after its transaction's end runs outside of any.
    clientsEnd: false,
    run: (work) => host.withTransaction(() => work(host.tx)),
    query: (client, text, values) => {
      if (isPrisma(client)) return queryInPrisma(client, text, values);
      if (isKysely(client)) return queryInKysely(client, text, values);
      if (isMikroOrm(client)) return queryInMikroOrm(client, text, values);
      if (isKnex(client)) return queryInKnex(client, text, values);
      if (isTypeorm(client)) return queryInTypeorm(client, text, values);
      if (isDrizzle(client)) return queryInDrizzle(client, text, values);
      throw new TypeError(
        'tx of the transaction host is of no tool that clsTransactions() knows. Write a HostTransactions of your own',
      );
    },
  };
}

function isPrisma(client: unknown): client is PrismaTransactionLike {
  return has(client, '$queryRawUnsafe');
}

function isKysely(client: unknown): client is KyselyTransactionLike {
  return has(client, 'executeQuery');
}

function isMikroOrm(client: unknown): client is MikroOrmManagerLike {
  return has(client, 'execute') && has(client, 'transactional');
}

function isKnex(client: unknown): client is KnexTransactionLike {
  return typeof client === 'function' && has(client, 'raw');
}

function isTypeorm(client: unknown): client is EntityManagerLike {
  return has(client, 'query') && has(client, 'getRepository');
}

function isDrizzle(client: unknown): client is DrizzleTransactionLike {
  return has(client, 'execute');
}

function has(client: unknown, method: string): boolean {
  return (
    ((typeof client === 'object' && client !== null) || typeof client === 'function') &&
    typeof Reflect.get(client, method) === 'function'
  );
}

export {
  type HostRow,
  type HostTransactions,
  TransactionsElsewhereError,
  type TransactionOf,
  TransactionsUnusableError,
} from '../ledger/host-transactions.js';
export { clsTransactions, type TransactionHostLike } from './cls.js';
export { type DrizzleLike, drizzleTransactions, type DrizzleTransactionLike } from './drizzle.js';
export { type KnexLike, type KnexTransactionLike, knexTransactions } from './knex.js';
export { type KyselyLike, type KyselyTransactionLike, kyselyTransactions } from './kysely.js';
export { type MikroOrmLike, type MikroOrmManagerLike, mikroOrmTransactions } from './mikro-orm.js';
export { type PrismaLike, type PrismaTransactionLike, prismaTransactions } from './prisma.js';
export { type DataSourceLike, type EntityManagerLike, typeormTransactions } from './typeorm.js';

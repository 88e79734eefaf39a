import type { HostTransactions } from '../ledger/host-transactions.js';
import { type QueryIn, rowsOf } from './rows.js';

/** What is used of the client of Prisma's interactive transaction. */
export interface PrismaTransactionLike {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>;
}

/** What is used of a Prisma client. */
export interface PrismaLike<Client> {
  $transaction(
    work: (client: Client) => Promise<void>,
    limits?: { readonly maxWait?: number; readonly timeout?: number },
  ): Promise<void>;
}

/** As long as a timer can be: `delivery.handlerTimeoutMs` is the handler's limit, and ends the transaction. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/**
 * Transactions of Prisma 7, and of earlier ones with interactive transactions: a handler with `{ transaction: true }` gets the
 * transaction's client. Prisma's own time limits are lifted for them; `delivery.handlerTimeoutMs` counts.
 */
export function prismaTransactions<Client extends PrismaTransactionLike>(
  prisma: PrismaLike<Client>,
): HostTransactions<Client> {
  return {
    tool: 'Prisma',
    clientsEnd: true,
    run: (work) => prisma.$transaction(work, { maxWait: NO_LIMIT_MS, timeout: NO_LIMIT_MS }),
    query: queryInPrisma,
  };
}

export const queryInPrisma: QueryIn<PrismaTransactionLike> = async (client, text, values) =>
  rowsOf(await client.$queryRawUnsafe(text, ...values));

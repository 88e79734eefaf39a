import { randomUUID } from 'node:crypto';
import type { HostTransactions } from '../../host-transactions.js';
import type { DeliveryChange } from '../../store.js';
import { stored } from '../conditions.js';
import { CLAIM_LOST, TransactionEndedError } from '../handler-turns.js';
import { checkTransactions, type HandlerDatabase, type HandlerQuery } from '../host-transactions.js';
import { ignore } from '../ignore.js';
import type { Database } from './database.js';

const FINISH = `UPDATE wanpay_deliveries SET state = ?, due_at = ?, attempts = COALESCE(?, attempts), failure = ?, finished_at = ?
  WHERE merchant_no = ? AND order_no = ? AND seq = ? AND claim = ? AND state IN ('pending', 'claimed')
    AND subscription IN (SELECT number FROM wanpay_subscriptions WHERE handler = ?)`;

const MAY_NOT_KILL =
  "the ledger's user may not end its connection, as it has to when a handler takes too long: give both one user";

/**
 * The ledger takes a lock that this server alone knows, and the tool must find it taken, and be in the database of the same
 * name. The connection of a handler that takes too long is ended by the ledger, whose user has to be allowed to.
 *
 * @throws TransactionsElsewhereError, TransactionsUnusableError
 */
export async function checkHostTransactions(db: Database, host: HostTransactions<unknown>): Promise<void> {
  const lock = `wanpay ${randomUUID()}`;
  await db.connected(async (run) => {
    const [here] = (await run('SELECT DATABASE() AS name, GET_LOCK(?, 0) AS got', [lock])).rows;
    try {
      await checkTransactions(handlerDatabase(db), host, async (query) => {
        const [there] = await query('SELECT DATABASE() AS name, IS_USED_LOCK(?) AS holder', [lock]);
        if (!there?.holder || there.name !== String(here?.name)) return true;
        await query('UPDATE wanpay_deliveries SET state = state WHERE 1 = 0');
        // MySQL refuses both as prepared statements, and some tools prepare every statement.
        for (const sql of ['SAVEPOINT wanpay', 'RELEASE SAVEPOINT wanpay']) await query(sql);
        const [tool] = await query('SELECT CONNECTION_ID() AS id');
        await run('KILL QUERY ?', [Number(tool?.id)]).catch((error: unknown) => {
          throw new Error(MAY_NOT_KILL, { cause: error });
        });
        return false;
      });
    } finally {
      await run('DO RELEASE_LOCK(?)', [lock]).catch(ignore);
    }
  });
}

/** MySQL in the transactions of handlers. */
export function handlerDatabase(db: Database): HandlerDatabase {
  return {
    host: db.host,
    handlerTurns: db.handlerTurns,
    transact: (work, signal) =>
      db.transaction((run, connection) => work(async (...query) => (await run(...query)).rows, connection), signal),
    statement: (text, values) => ({ text, values: values.map(stored) }),
    idOf: async (query) => Number((await query('SELECT CONNECTION_ID() AS id'))[0]?.id),
    fail: (_, id) => db.read('KILL ?', [id]).catch(ignore),
    begin: (query) => query('SAVEPOINT wanpay'),
    finish,
  };
}

async function finish(query: HandlerQuery, change: DeliveryChange): Promise<void> {
  // It is gone where the transaction has ended, and then what is written next would be committed by itself.
  await query('RELEASE SAVEPOINT wanpay').catch((error: unknown) => {
    throw new TransactionEndedError(change.handler, error);
  });
  const { merchantNo, orderNo, seq, expectedClaim, handler, ...next } = change;
  await query(FINISH, [
    ...[next.state, next.dueAt, next.attempts, next.failure, next.finishedAt],
    ...[merchantNo, orderNo, seq, expectedClaim, handler],
  ]);
  // Tools differ in what they give back for anything but a SELECT.
  const [{ affected } = { affected: null }] = await query('SELECT ROW_COUNT() AS affected');
  if (Number(affected) < 1) throw CLAIM_LOST;
}

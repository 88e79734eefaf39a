import { createPool } from 'mysql2/promise';
import { Ledger } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import { MariaDbServer } from '../servers/mariadb.js';
import { MysqlByHand } from './database/mysql-by-hand.js';
import { alternate, rateOf, type Side } from './measure.js';
import { openAll, orderNos, paidReport } from './orders.js';
import type { Bench } from './plan.js';
import { compared, type RowHead } from './row.js';

const AT_ONCE = 64;
/** As many as in PostgreSQL's rows. The ledger writes one batch at a time, so it needs only one. */
const CONNECTIONS = 16;

/** How notifications are settled in MariaDB, by the ledger alone. */
export const mysqlSettlement: Bench = async ({ smoke, rounds }) => {
  const server = await MariaDbServer.start({
    settings: { 'innodb-buffer-pool-size': '256M', 'innodb-log-file-size': '256M' },
  });
  const pool = createPool({ uri: await server.createDatabase(), connectionLimit: CONNECTIONS });
  const byHand = await MysqlByHand.create(pool);
  const ledger = new Ledger(mysql({ uri: await server.createDatabase() }));
  await ledger.start();
  const hand = (count: number, atOnce: number): Side => {
    return async (round) => {
      const orders = orderNos(`H${atOnce}R${round}`, count);
      await byHand.open(orders);
      return rateOf(orders, atOnce, byHand.settle);
    };
  };
  const ours = (count: number, atOnce: number): Side => {
    return async (round) => {
      const orders = orderNos(`L${atOnce}R${round}`, count);
      await openAll(ledger, orders);
      return rateOf(orders, atOnce, (orderNo) => ledger.settle(paidReport(orderNo)));
    };
  };
  const [count, alone] = smoke ? [20, 5] : [5000, 500];
  const [transactions, settled] = await alternate([hand(count, AT_ONCE), ours(count, AT_ONCE)], rounds);
  const [transaction, settledAlone] = await alternate([hand(alone, 1), ours(alone, 1)], rounds);
  await ledger.stop();
  await pool.end();
  await server.stop();
  const head = { beside: 'one transaction per notification' };
  const together: RowHead = {
    ...head,
    ...{ what: 'notification, MariaDB, 64 at once, the ledger alone', unit: '/s', target: { atLeast: 3 } },
  };
  const lone: RowHead = { ...head, what: 'notification, MariaDB, one at a time, the ledger alone', unit: 'ms' };
  const latencies = (rates: readonly number[] | undefined): readonly number[] | undefined =>
    rates?.map((perSecond) => 1000 / perSecond);
  return {
    rows: [compared(together, transactions, settled), compared(lone, latencies(transaction), latencies(settledAlone))],
  };
};

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from 'nestjs-wanpay/ledger';
import { sqlite } from 'nestjs-wanpay/sqlite';
import { findSqlitePackages, SqliteByHand, type SqlitePackage } from './database/sqlite-by-hand.js';
import { alternate, rateOf } from './measure.js';
import { openAll, orderNos, paidReport } from './orders.js';
import type { Bench, Plan } from './plan.js';
import { compared, type Row } from './row.js';

const AT_ONCE = 64;

/** How notifications are settled in an SQLite file, by the ledger alone. */
export const sqliteSettlement: Bench = async (plan) => {
  const rows: Row[] = [];
  for (const driver of await findSqlitePackages()) rows.push(await through(driver, plan));
  return { rows };
};

async function through(driver: SqlitePackage, { smoke, rounds }: Plan): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'wanpay-bench-'));
  const ledger = new Ledger(sqlite({ file: join(folder, 'ledger.db'), driver }));
  await ledger.start();
  const byHand = await SqliteByHand.create(join(folder, 'by-hand.db'), driver);
  const settle = byHand.settling();
  const [transactions, settled] = await alternate(
    [
      (round) => {
        const orders = orderNos(`R${round}`, smoke ? 20 : 2000);
        byHand.open(orders);
        return rateOf(orders, AT_ONCE, async (orderNo) => {
          await Promise.resolve(orderNo).then(settle);
        });
      },
      async (round) => {
        const orders = orderNos(`R${round}`, smoke ? 20 : 20_000);
        await openAll(ledger, orders);
        return rateOf(orders, AT_ONCE, (orderNo) => ledger.settle(paidReport(orderNo)));
      },
    ],
    rounds,
  );
  await ledger.stop();
  byHand.close();
  await rm(folder, { recursive: true });
  const head = {
    what: 'notification, SQLite, 64 at once, the ledger alone',
    beside: `one transaction per notification, ${driver}`,
    unit: '/s',
    target: { atLeast: 3.8 },
  } as const;
  return compared(head, transactions, settled);
}

import { afterAll, describe, expect, it } from '@jest/globals';
import { createDatabase } from '../servers/shared-postgres.js';
import { deploy, type Plan } from './deploy.js';

/** `npm run test:crash` runs the long form, in which the old processes are killed. */
const IS_LONG = process.env.CRASH === 'long';
const PLAN: Plan = IS_LONG ? { orders: 500, kills: true } : { orders: 16, kills: false };
const TIMEOUT_MS = 120_000;

describe('A shop, a warehouse and a script over one PostgreSQL ledger, while the shop is deployed anew', () => {
  const table: Record<string, object> = {};

  afterAll(() => {
    console.table(table);
  });

  it(
    'each handler gets every event, whichever process has it',
    async () => {
      const { handlers, leftBehind, seconds } = await deploy(await createDatabase(), PLAN);
      for (const { id, isTransactional, ...figures } of handlers) {
        table[id] = { transactional: isTransactional, ...figures, seconds };
      }
      expect(handlers.map(({ id, missing }) => [id, missing])).toEqual(handlers.map(({ id }) => [id, 0]));
      const doubled = handlers.filter((handler) => handler.isTransactional && handler.doubled > 0);
      expect(doubled).toEqual([]);
      expect(handlers.map(({ id }) => id)).toEqual([
        'Shipping.ship',
        'Mail.send',
        'Warehouse.pick',
        'Warehouse.label',
        'Mailer.send',
        'Loyalty.credit',
      ]);
      // What was recorded after the rename waited for the old name, in sight.
      expect(leftBehind).toBeGreaterThanOrEqual(PLAN.orders);
    },
    TIMEOUT_MS,
  );
});

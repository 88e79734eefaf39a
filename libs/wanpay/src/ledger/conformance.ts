import { CHECKS } from './conformance/checks.js';
import { CLAIMS } from './conformance/claims.js';
import { CLAIMS_AT_COMMIT } from './conformance/claims-at-commit.js';
import { DELIVERIES } from './conformance/deliveries.js';
import type { Cases } from './conformance/fixture.js';
import { ORDERS } from './conformance/orders.js';
import { READING } from './conformance/reading.js';
import { SUBSCRIPTIONS } from './conformance/subscriptions.js';
import { VERSIONS } from './conformance/versions.js';
import { Ledger } from './ledger.js';
import type { LedgerStore } from './store.js';

/** A store under test. */
export interface StoreUnderTest {
  /** Empty and started. */
  readonly store: LedgerStore;
  /** Starts another store over the same data, where the store is shared; the case stops it. */
  readonly another?: () => Promise<LedgerStore>;
  /** Called after each case. */
  close(): Promise<void>;
}

/** One thing that every store must do. */
export interface ConformanceCase {
  readonly name: string;
  /** Rejects with an assertion error when the store does not do it. */
  run(): Promise<void>;
}

const ALL: Cases = {
  ...ORDERS,
  ...VERSIONS,
  ...READING,
  ...SUBSCRIPTIONS,
  ...DELIVERIES,
  ...CLAIMS,
  ...CLAIMS_AT_COMMIT,
  ...CHECKS,
};

/**
 * What every store must do, as cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of ledgerStoreConformance(openMyStore)) it(name, run);
 * ```
 *
 * @param open called once per case
 */
export function ledgerStoreConformance(open: () => Promise<StoreUnderTest>): readonly ConformanceCase[] {
  return Object.entries(ALL).map(([name, check]) => ({
    name,
    run: async () => {
      const underTest = await open();
      try {
        await check({ ...underTest, ledger: new Ledger(underTest.store) });
      } finally {
        await underTest.close();
      }
    },
  }));
}

import type { LedgerStore } from 'nestjs-wanpay/ledger';
import { MOMENTS } from './make.js';

type Moment = (typeof MOMENTS)[number];

/** Notes when a store was asked for what. */
export class TimedStore {
  private readonly moments = new Map<string, Map<Moment, number>>();

  constructor(readonly store: LedgerStore) {
    const load = store.load.bind(store);
    const commit = store.commit.bind(store);
    const claimDeliveries = store.claimDeliveries.bind(store);
    const changeDeliveries = store.changeDeliveries.bind(store);
    const commitAndClaim = store.commitAndClaim?.bind(store);
    const timed: Pick<LedgerStore, 'load' | 'commit' | 'commitAndClaim' | 'claimDeliveries' | 'changeDeliveries'> = {
      load: async (keys) => {
        for (const { orderNo } of keys) this.note(orderNo, 'reading');
        const records = await load(keys);
        for (const { orderNo } of keys) this.note(orderNo, 'read');
        return records;
      },
      commit: async (changes) => {
        for (const { orderNo } of changes) this.note(orderNo, 'settling');
        const applied = await commit(changes);
        for (const { orderNo } of changes) this.note(orderNo, 'settled');
        return applied;
      },
      ...(commitAndClaim && {
        commitAndClaim: async (changes, claim) => {
          for (const { orderNo } of changes) this.note(orderNo, 'settling');
          const committed = await commitAndClaim(changes, claim);
          for (const { orderNo } of changes) this.note(orderNo, 'settled');
          for (const { orderNo } of committed.claimed) {
            this.note(orderNo, 'claiming');
            this.note(orderNo, 'claimed');
          }
          return committed;
        },
      }),
      claimDeliveries: async (claim) => {
        const claiming = monotonic();
        const claimed = await claimDeliveries(claim);
        for (const { orderNo } of claimed.deliveries) {
          this.note(orderNo, 'claiming', claiming);
          this.note(orderNo, 'claimed');
        }
        return claimed;
      },
      changeDeliveries: async (changes, work) => {
        const applied = await changeDeliveries(changes, work);
        for (const { orderNo } of changes) this.note(orderNo, 'recorded');
        return applied;
      },
    };
    Object.assign(store, timed);
  }

  /** Notes a moment of an order. */
  note(orderNo: string, moment: Moment, at = monotonic()): void {
    const moments = this.moments.get(orderNo) ?? new Map<Moment, number>();
    this.moments.set(orderNo, moments.set(moment, at));
  }

  /** @throws Error when something of the order was not noted */
  momentsOf(orderNo: string): readonly number[] {
    const moments = this.moments.get(orderNo);
    return MOMENTS.map((moment) => {
      const at = moments?.get(moment);
      if (at === undefined) throw new Error(`The order ${orderNo} has no moment of ${moment}.`);
      return at;
    });
  }
}

/** The processes of a machine share this clock. */
function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

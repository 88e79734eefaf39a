import type { LedgerStore } from 'nestjs-wanpay/ledger';
import { MOMENTS } from './make.js';

type Moment = (typeof MOMENTS)[number];

/** Notes when a store was asked for what. */
export class TimedStore {
  /** By order, those of `MOMENTS`. Few objects for each, so that they add little to the garbage of what is measured. */
  private readonly moments = new Map<string, Float64Array>();

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
        for (const { orderNo } of changes) this.noteCommit(orderNo);
        const applied = await commit(changes);
        for (const { orderNo } of changes) this.note(orderNo, 'settled');
        return applied;
      },
      ...(commitAndClaim && {
        commitAndClaim: async (changes, claim) => {
          for (const { orderNo } of changes) this.noteCommit(orderNo);
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
    this.of(orderNo)[MOMENTS.indexOf(moment)] = at;
  }

  /** Forgets all moments, such as those of opening orders. */
  forget(): void {
    this.moments.clear();
  }

  /** @throws Error when something of the order was not noted */
  momentsOf(orderNo: string): readonly number[] {
    const moments = this.of(orderNo);
    return MOMENTS.map((moment, i) => {
      const at = moments[i];
      if (at === undefined || Number.isNaN(at)) throw new Error(`The order ${orderNo} has no moment of ${moment}.`);
      return at;
    });
  }

  /** An order that the process knows is not read. */
  private noteCommit(orderNo: string): void {
    const now = monotonic();
    if (Number.isNaN(this.of(orderNo)[MOMENTS.indexOf('reading')])) {
      this.note(orderNo, 'reading', now);
      this.note(orderNo, 'read', now);
    }
    this.note(orderNo, 'settling', now);
  }

  private of(orderNo: string): Float64Array {
    const known = this.moments.get(orderNo);
    if (known) return known;
    const moments = new Float64Array(MOMENTS.length).fill(Number.NaN);
    this.moments.set(orderNo, moments);
    return moments;
  }
}

/** The processes of a machine share this clock. */
function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

import {
  type ClaimedChecks,
  type ClaimedDeliveries,
  type CommittedChanges,
  type DeliveryChange,
  type DeliveryClaim,
  type DueCheck,
  Ledger,
  type LedgerStore,
  MemoryStore,
  type NextCheck,
  type CheckClaim,
  type OrderChange,
  type Report,
  type Settled,
  type SubscriptionChange,
  type Subscriptions,
} from 'nestjs-wanpay/ledger';
import type { Script } from './interleavings-script.js';

/** A ledger's memory that several processes share. */
export class SharedMemory extends MemoryStore {
  override readonly isShared: boolean = true;
}

/** How the ledgers of a world are made. */
export interface Kind {
  readonly store: () => LedgerStore;
  readonly ledger: (store: LedgerStore) => Ledger;
}

/** A ledger that works. */
export const SOUND: Kind = { store: () => new SharedMemory(), ledger: (store) => new Ledger(store) };

const byStore = (store: () => LedgerStore): Kind => ({ ...SOUND, store });
const byLedger = (ledger: (store: LedgerStore) => Ledger): Kind => ({ ...SOUND, ledger });

class Forgetting extends Ledger {
  override settle(report: Report): Promise<Settled> {
    return report.source === 'query' ? Promise.resolve({ events: [], unconfirmed: false }) : super.settle(report);
  }
}

class Believing extends Ledger {
  override settle(report: Report): Promise<Settled> {
    return super.settle({ ...report, mustConfirm: false });
  }
}

class Overriding extends Ledger {
  override async scheduleCheck(check: DueCheck, next: NextCheck): Promise<boolean> {
    const at = await this.nextCheckDue(check.leaseUntil, check.payment.merchantNo);
    return super.scheduleCheck(at ? { ...check, leaseUntil: at } : check, next);
  }
}

class Asking extends SharedMemory {
  override async claimChecks(claim: CheckClaim): Promise<ClaimedChecks> {
    const claimed = await super.claimChecks(claim);
    for (const { payment } of claimed.checks) await this.commit([{ ...keyOf(payment), check: { by: claim.now } }]);
    return claimed;
  }
}

class Doubling extends SharedMemory {
  override async claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDeliveries> {
    const { deliveries, ...rest } = await super.claimDeliveries(claim);
    return { ...rest, deliveries: [...deliveries, ...deliveries] };
  }
}

/** Gives a process the deliveries of every handler. */
class Swallowing extends SharedMemory {
  override async claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDeliveries> {
    const { subscriptions } = await super.subscribe({ now: claim.now });
    return super.claimDeliveries({ ...claim, subscriptions });
  }
}

/** Gives a process with its commits the deliveries of every handler. */
class Grasping extends SharedMemory {
  override async commitAndClaim(changes: readonly OrderChange[], claim: DeliveryClaim): Promise<CommittedChanges> {
    const { subscriptions } = await super.subscribe({ now: claim.now });
    return super.commitAndClaim(changes, { ...claim, subscriptions });
  }
}

/** Claims with a commit, and keeps it to itself. */
class Silent extends SharedMemory {
  override async commitAndClaim(changes: readonly OrderChange[], claim: DeliveryClaim): Promise<CommittedChanges> {
    return { ...(await super.commitAndClaim(changes, claim)), claimed: [] };
  }
}

class Holding extends SharedMemory {
  override claimDeliveries(claim: DeliveryClaim): Promise<ClaimedDeliveries> {
    return super.claimDeliveries({ ...claim, leaseUntil: new Date(claim.leaseUntil.getTime() + 1) });
  }
}

/** Changes what is to become of a delivery. */
class Changing extends SharedMemory {
  constructor(private readonly changed: (change: DeliveryChange) => DeliveryChange) {
    super();
  }

  override changeDeliveries(changes: readonly DeliveryChange[]): Promise<readonly boolean[]> {
    return super.changeDeliveries(changes.map(this.changed));
  }
}

/** Changes how subscriptions change. */
class Subscribing extends SharedMemory {
  constructor(private readonly changed: (change: SubscriptionChange) => SubscriptionChange) {
    super();
  }

  override subscribe(change: SubscriptionChange): Promise<Subscriptions> {
    return super.subscribe(this.changed(change));
  }
}

/** An event for one handler grows older than the period that is then filled in for another. */
const BACKFILL: Script = {
  roles: [4, 0, 0],
  steps: [
    {
      kind: 'burst',
      all: [
        { order: 'A1', operation: { kind: 'open', checkIn: undefined }, by: 0 },
        { order: 'A1', operation: { kind: 'issue', checkIn: undefined }, by: 0 },
      ],
      beside: { kind: 'nothing' },
      places: 0,
    },
    { kind: 'wait', seconds: 600 },
    { kind: 'restart', by: 0, role: 2 },
    { kind: 'backfill', subscription: { handler: 'Mail.send', type: 'atm.issued' }, age: 60, by: [0] },
    { kind: 'claim', by: [0], limit: 100 },
  ],
};

/** Ledgers that do something wrong, by what that is, with a script that shows it where chance seldom makes one. */
export const FAULTS: readonly (readonly [what: string, kind: Kind, shownBy?: Script])[] = [
  ['forgets what was reported', byLedger((store) => new Forgetting(store))],
  ['believes what is to be confirmed', byLedger((store) => new Believing(store))],
  ['schedules for whoever comes too late', byLedger((store) => new Overriding(store))],
  ['hands out a check twice', byStore(() => new Asking())],
  ['hands out a delivery twice', byStore(() => new Doubling())],
  ['hands out deliveries of handlers that a process lacks', byStore(() => new Swallowing())],
  ['claims with a commit for handlers that a process lacks', byStore(() => new Grasping())],
  ['tells nobody what it claimed with a commit', byStore(() => new Silent())],
  ['holds a claim for longer than it was asked', byStore(() => new Holding())],
  [
    'gives up at the first failure',
    byStore(() => new Changing((change) => (change.failure === undefined ? change : { ...change, state: 'dead' }))),
  ],
  [
    'keeps what is done',
    byStore(() => new Changing((change) => (isDone(change) ? { ...change, state: 'pending' } : change))),
  ],
  [
    'gives up a claim that is renewed',
    byStore(() => new Changing(({ renew, ...change }) => (renew ? { ...change, dueAt: new Date(0) } : change))),
  ],
  [
    'keeps no events for whoever subscribes first',
    byStore(() => new Subscribing(({ adoptSince: _, ...rest }) => rest)),
  ],
  [
    'delivers kept events however old they are',
    byStore(() => new Subscribing((change) => (change.adoptSince ? { ...change, adoptSince: new Date(0) } : change))),
  ],
  [
    'retires the handlers that a new version lacks',
    byStore(
      () =>
        new Subscribing((change) =>
          change.add?.every(({ handler }) => handler !== 'Shipping.ship')
            ? { ...change, retire: 'Shipping.ship' }
            : change,
        ),
    ),
  ],
  [
    'subscribes whoever says to be still there',
    byStore(() => new Subscribing(({ seen = [], ...rest }) => ({ ...rest, add: [...(rest.add ?? []), ...seen] }))),
  ],
  [
    'fills in more than the period',
    byStore(
      () =>
        new Subscribing(({ backfill, ...rest }) =>
          backfill ? { ...rest, backfill: { ...backfill, from: new Date(0) } } : rest,
        ),
    ),
    BACKFILL,
  ],
];

function isDone({ state }: DeliveryChange): boolean {
  return state === 'delivered';
}

function keyOf({ merchantNo, orderNo }: { merchantNo: string; orderNo: string }): {
  merchantNo: string;
  orderNo: string;
} {
  return { merchantNo, orderNo };
}

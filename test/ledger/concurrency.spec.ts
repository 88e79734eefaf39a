import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ATM_EVENT_TYPES, type ClaimedDelivery, type Ledger, type Payment, type Settled } from 'nestjs-wanpay/ledger';
import type { Outcome } from 'nestjs-wanpay/protocol';
import { ACCOUNT, FAILED, key, later, MISMATCHED, opening, PAID, report } from './payments.js';
import { MysqlFixture } from './mysql-fixture.js';
import { PostgresFixture } from './postgres-fixture.js';

/** One handler of every event, which both replicas have. */
const SUBSCRIPTIONS = ATM_EVENT_TYPES.map((type) => ({ handler: 'Audit.note', type }));
const OPERATIONS = ['open', 'issue', 'withdraw', 'paid', 'failed', 'mismatched', 'deliver'] as const;

interface Step {
  readonly operation: (typeof OPERATIONS)[number];
  readonly order: number;
  readonly replica: number;
  /** How many turns of the event loop to let pass before, so that batches are cut everywhere. */
  readonly turns: number;
}

const steps = fc.array(
  fc.record({
    operation: fc.constantFrom(...OPERATIONS),
    order: fc.nat({ max: 2 }),
    replica: fc.nat({ max: 1 }),
    turns: fc.nat({ max: 40 }),
  }),
  { minLength: 10, maxLength: 60 },
);

describe.each([
  { name: 'PostgreSQL', open: () => PostgresFixture.open(), runs: 60, checks: 2000 },
  { name: 'MariaDB', open: () => MysqlFixture.open(), runs: 10, checks: 240 },
])('two replicas over $name', ({ open, runs: numRuns, checks }) => {
  let fixture: PostgresFixture | MysqlFixture;
  let replicas: readonly Ledger[];
  let runs = 0;

  beforeAll(async () => {
    fixture = await open();
    await fixture.subscribe(...SUBSCRIPTIONS);
    replicas = [fixture.ledger, await fixture.another()];
  }, 60_000);

  afterAll(async () => {
    await fixture.close();
  });

  it('agree, whatever they do at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        runs += 1;
        await new Run(replicas, `R${runs}X`).play(given);
      }),
      { numRuns, endOnFailure: true },
    );
  }, 120_000);

  it('settle a payment once that is notified and queried everywhere, before and after its account is known', async () => {
    const orders = Array.from({ length: 30 }, (_, i) => `S${i}`);
    const asking = (orderNo: string): Payment => ({ ...opening(orderNo), replyAwaitedUntil: later(60) });
    await Promise.all(orders.map((orderNo) => fixture.ledger.open(asking(orderNo))));
    await Promise.all(
      orders.flatMap((orderNo, i) =>
        replicas.flatMap((replica) => [
          ...Array.from({ length: 4 }, () => replica.settle(report(orderNo))),
          ...(i % 2 ? [replica.issue(key(orderNo), ACCOUNT, later(1))] : []),
        ]),
      ),
    );
    expect(await fixture.countEvents(`type = 'atm.paid' AND order_no LIKE 'S%'`)).toBe(orders.length / 2);
    await Promise.all(orders.map((orderNo) => fixture.ledger.issue(key(orderNo), ACCOUNT, later(2))));
    expect(await fixture.countEvents(`type = 'atm.paid' AND order_no LIKE 'S%'`)).toBe(orders.length);
    expect(await fixture.countEvents(`order_no LIKE 'S%'`)).toBe(orders.length);
  });

  it('hand each event to one of them, in order per payment, and purge beside it', async () => {
    const orders = Array.from({ length: 40 }, (_, i) => `D${i}`);
    await Promise.all(orders.map((orderNo) => fixture.ledger.open(opening(orderNo))));
    await Promise.all(orders.map((orderNo) => fixture.ledger.issue(key(orderNo), ACCOUNT, later(0))));
    const run = new Run(replicas, 'D');
    await Promise.all([
      ...orders.map((orderNo, i) => replicas[i % 2]?.settle(report(orderNo))),
      ...Array.from({ length: 60 }, (_, i) => run.deliver(i % 2)),
      ...Array.from({ length: 20 }, (_, i) => replicas[i % 2]?.purge(later(99), 7)),
    ]);
    while (await run.deliver(0));
    expect(orders.map((orderNo) => run.deliveredOf(orderNo))).toEqual(orders.map(() => ['atm.issued', 'atm.paid']));
    while (await fixture.ledger.purge(later(99), 7));
    expect(await fixture.countEvents(`order_no LIKE 'D%'`)).toBe(0);
  });

  it('claim each check once, four at once, while settlements go on that none of it gets in the way of', async () => {
    const { ledger } = fixture;
    const claimants = [...replicas, await fixture.another(), await fixture.another()];
    const orders = Array.from({ length: checks }, (_, i) => `C${i}`);
    await Promise.all(orders.map((orderNo, i) => ledger.open(opening(orderNo), later(i % 10))));
    await Promise.all(orders.map((orderNo) => ledger.issue(key(orderNo), ACCOUNT, later(0))));
    const paid = orders.filter((_, i) => i % 2 === 0);
    const doubted = orders.filter((_, i) => i % 8 === 1);
    const claimed: string[] = [];
    const nextDue = (): Promise<Date | undefined> => ledger.nextCheckDue(later(10));
    const sweep = async (claimant: Ledger): Promise<void> => {
      for (let due = await nextDue(); due && due <= later(10); due = await nextDue()) {
        const { checks } = await claimant.claimChecks({ now: later(10), leaseUntil: later(3600), limit: 40 });
        const mine = checks.map(({ payment }) => payment.orderNo);
        claimed.push(...mine);
        const toDoubt = mine.filter((orderNo) => doubted.includes(orderNo));
        await Promise.all(
          toDoubt.map((orderNo) => claimant.settle({ ...report(orderNo), mustConfirm: true, now: later(20) })),
        );
      }
    };
    const settling = paid.map((orderNo, i) => turns(i / 4).then(() => claimants[i % 4]?.settle(report(orderNo))));
    await Promise.all([...claimants.map(sweep), ...settling]);
    const unpaid = orders.filter((_, i) => i % 2 === 1);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(unpaid.filter((orderNo) => !claimed.includes(orderNo))).toEqual([]);
    expect(await fixture.countEvents(`type = 'atm.paid' AND order_no LIKE 'C%'`)).toBe(paid.length);
    // What was doubted after it was claimed is due again, and nothing else.
    const again = await ledger.claimChecks({ now: later(20), leaseUntil: later(7200), limit: checks });
    expect(again.checks.map(({ payment }) => payment.orderNo).sort()).toEqual(doubted.toSorted());
  }, 60_000);
});

/** Plays steps against the replicas at once, and checks what must hold whatever came of them. */
class Run {
  private readonly inFlight = new Set<string>();
  private readonly delivered: ClaimedDelivery[] = [];
  private readonly settled: { readonly orderNo: string; readonly result: Settled }[] = [];
  private readonly issued = new Set<string>();
  /** Orders that were told to be paid when their account was known for certain. */
  private readonly toldPaid = new Set<string>();

  constructor(
    private readonly replicas: readonly Ledger[],
    private readonly prefix: string,
  ) {}

  async play(given: readonly Step[]): Promise<void> {
    await Promise.all(given.map((step) => this.take(step)));
    while (await this.deliver(0));
    for (const order of [0, 1, 2]) await this.check(`${this.prefix}${order}`);
  }

  /** Delivers what is due; false when nothing was. */
  async deliver(replica: number): Promise<boolean> {
    const ledger = this.ledger(replica);
    const claim = { subscriptions: SUBSCRIPTIONS, now: later(10), leaseUntil: later(3600), limit: 5 };
    const claimed = (await ledger.deliveries.claim(claim)).deliveries;
    for (const { event } of claimed) {
      expect(this.inFlight).not.toContain(event.orderNo);
      this.inFlight.add(event.orderNo);
    }
    for (const delivery of claimed) {
      await turns(3);
      this.delivered.push(delivery);
      this.inFlight.delete(delivery.event.orderNo);
      expect(await ledger.deliveries.succeed(delivery, later(10))).toBe(true);
    }
    return claimed.length > 0;
  }

  deliveredOf(orderNo: string): readonly string[] {
    return this.delivered.filter(({ event }) => event.orderNo === orderNo).map(({ event }) => event.type);
  }

  private async take({ operation, order, replica, turns: pause }: Step): Promise<void> {
    await turns(pause);
    const orderNo = `${this.prefix}${order}`;
    const ledger = this.ledger(replica);
    switch (operation) {
      case 'open':
        await ledger.open(opening(orderNo));
        return;
      case 'issue':
        if (await ledger.issue(key(orderNo), ACCOUNT, later(1))) this.issued.add(orderNo);
        return;
      case 'withdraw':
        await ledger.withdraw(key(orderNo), { code: '910', message: '' }, later(1));
        return;
      case 'deliver':
        await this.deliver(replica);
        return;
      case 'paid':
        if (this.issued.has(orderNo)) this.toldPaid.add(orderNo);
        this.settled.push({ orderNo, result: await ledger.settle(report(orderNo, PAID)) });
        return;
      case 'failed':
      case 'mismatched': {
        const outcome = operation === 'failed' ? FAILED : MISMATCHED;
        this.settled.push({ orderNo, result: await ledger.settle(report(orderNo, outcome)) });
      }
    }
  }

  private async check(orderNo: string): Promise<void> {
    const timeline = await this.ledger(0).timeline(key(orderNo));
    const state = (await this.ledger(1).find(key(orderNo)))?.state;
    const changes = timeline.flatMap((entry) => (entry.kind === 'outcome' && entry.change ? [entry] : []));
    const becamePaid = changes.filter(({ change }) => change?.to === 'paid' && change.from !== 'paid');
    const events = this.deliveredOf(orderNo);

    // A payment becomes paid once, and stays so; each paid outcome of a payment with an account makes it so.
    expect(becamePaid.length).toBeLessThanOrEqual(1);
    expect(changes.filter(({ change }) => change?.from === 'paid' && change.to !== 'paid')).toEqual([]);
    const isPaid = ({ code, reportedAmount }: Outcome): boolean =>
      code === PAID.code && reportedAmount === PAID.reportedAmount;
    if (changes.some(({ outcome, change }) => isPaid(outcome) && change?.from === 'pending')) {
      expect(state).toBe('paid');
    }
    if (this.toldPaid.has(orderNo)) expect(state).toBe('paid');
    // The event is recorded with the change, and only with it; nobody is asked to pay what is settled.
    expect(events.filter((type) => type === 'atm.paid')).toHaveLength(state === 'paid' ? 1 : 0);
    const ofPayment = events.filter((type) => type !== 'atm.duplicate_payment');
    if (events.includes('atm.paid')) expect(ofPayment.at(-1)).toBe('atm.paid');
    const deliveries = timeline.flatMap((entry) => (entry.kind === 'event' ? entry.deliveries : []));
    expect(deliveries.filter(({ state: stands }) => stands !== 'delivered')).toEqual([]);
    // What callers were told is what was committed. Accounts and withdrawals record events without telling anybody.
    const told = this.settled.filter((each) => each.orderNo === orderNo).flatMap(({ result }) => result.events);
    const committed = timeline.flatMap((entry) => (entry.kind === 'event' ? [entry.eventId] : []));
    expect(told.map(({ id }) => id).filter((id) => !committed.includes(id))).toEqual([]);
    expect(new Set(committed).size).toBe(events.length);
  }

  private ledger(replica: number): Ledger {
    const ledger = this.replicas[replica];
    if (!ledger) throw new Error('There is no such replica.');
    return ledger;
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

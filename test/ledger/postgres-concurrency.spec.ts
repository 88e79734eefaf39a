import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type Ledger, type OwedEvent, type Settled, unmatched } from 'nestjs-wanpay';
import pg from 'pg';
import { ACCOUNT, FAILED, intent, key, later, MISMATCHED, PAID, report } from './payments.js';
import { PostgresFixture } from './postgres-fixture.js';

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

describe('two replicas of a PostgresLedger', () => {
  let fixture: PostgresFixture;
  let replicas: readonly Ledger[];
  let runs = 0;

  beforeAll(async () => {
    fixture = await PostgresFixture.open();
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
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);

  it('settle a payment once that is notified and queried everywhere, before and after its account is known', async () => {
    const orders = Array.from({ length: 30 }, (_, i) => `S${i}`);
    await Promise.all(orders.map((orderNo) => fixture.ledger.open(intent(orderNo))));
    const settled = await Promise.all(
      orders.flatMap((orderNo, i) =>
        replicas.flatMap((replica) => [
          ...Array.from({ length: 4 }, () => replica.settle(report(orderNo))),
          ...(i % 2 ? [issueThenNothing(replica, orderNo)] : []),
        ]),
      ),
    );
    const paid = settled.flatMap(({ events }) => events).filter(({ type }) => type === 'atm.paid');
    expect(paid).toHaveLength(orders.length);
    expect(await countOf(`type = 'atm.paid' AND order_no LIKE 'S%'`)).toBe(orders.length);
  });

  it('let no order be opened between finding it unmatched and saying so', async () => {
    const { ledger, pool } = fixture;
    const told = report('LATE');
    const { id } = unmatched(told, told.outcome, told.now);
    // Someone is writing the same event, so that the settlement stands still after it has found no such order.
    const obstacle = await pool.connect();
    await obstacle.query('BEGIN');
    await obstacle.query(
      `INSERT INTO wanpay.events (id, merchant_no, order_no, type, body, due_at) VALUES ($1, '', '', '', '{}', now())`,
      [id],
    );
    const settled = ledger.settle(told);
    await until(async () => (await waiting('transactionid')) > 0);
    let isOpen = false;
    const opened = replicas[1]?.open(intent('LATE')).finally(() => (isOpen = true));
    await until(async () => isOpen || (await waiting('advisory')) > 0);
    const wasOpen = isOpen;
    await obstacle.query('ROLLBACK');
    obstacle.release();
    expect(wasOpen).toBe(false);
    expect(await settled).toMatchObject({ events: [{ type: 'atm.unmatched' }] });
    expect(await opened).toMatchObject({ opened: true });
  });

  it('look again at a payment of which only the check becomes due, when it was written meanwhile', async () => {
    const { ledger, pool } = fixture;
    await ledger.open(intent('DOUBTED'), later(900));
    const other = await pool.connect();
    await other.query(
      `BEGIN; UPDATE wanpay.payments SET version = DEFAULT, state = 'pending', next_check_at = '2027-01-01Z'
      WHERE order_no = 'DOUBTED'`,
    );
    const doubted = ledger.settle({ ...report('DOUBTED'), mustConfirm: true });
    await until(async () => (await waiting('transactionid')) > 0);
    await other.query('COMMIT');
    other.release();
    expect((await doubted).payment?.state).toBe('pending');
    expect(await ledger.timeline(key('DOUBTED'))).toMatchObject([{ change: { from: 'pending', to: 'pending' } }]);
    expect(await ledger.nextCheckDue()).toEqual(later(1));
    await ledger.settle(report('DOUBTED'));
  });

  it('hand each event to one of them, in order per payment, and purge beside it', async () => {
    const orders = Array.from({ length: 40 }, (_, i) => `D${i}`);
    await Promise.all(orders.map((orderNo) => fixture.ledger.open(intent(orderNo))));
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
    expect(await countOf(`order_no LIKE 'D%'`)).toBe(0);
  });

  it('claim each check once, four at once, while settlements go on that none of it gets in the way of', async () => {
    const { ledger } = fixture;
    const claimants = [...replicas, await fixture.another(), await fixture.another()];
    const orders = Array.from({ length: 2000 }, (_, i) => `C${i}`);
    await Promise.all(orders.map((orderNo, i) => ledger.open(intent(orderNo), later(i % 10))));
    const query = jest.spyOn(pg.Client.prototype, 'query');
    const paid = orders.filter((_, i) => i % 2 === 0);
    const doubted = orders.filter((_, i) => i % 8 === 1);
    const claimed: string[] = [];
    const sweep = async (claimant: Ledger): Promise<void> => {
      for (let due = await ledger.nextCheckDue(); due && due <= later(10); due = await ledger.nextCheckDue()) {
        const checks = await claimant.claimChecks(later(10), later(3600), 40);
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
    const asked: unknown[][] = query.mock.calls;
    query.mockRestore();

    const unpaid = orders.filter((_, i) => i % 2 === 1);
    expect(new Set(claimed).size).toBe(claimed.length);
    expect(unpaid.filter((orderNo) => !claimed.includes(orderNo))).toEqual([]);
    expect(await countOf(`type = 'atm.paid' AND order_no LIKE 'C%'`)).toBe(paid.length);
    // What was foreseen was not read, nor anything again, as it is when someone else has written it meanwhile.
    expect(asked.flatMap(ordersRead).toSorted()).toEqual(doubted.toSorted());
    // What was doubted after it was claimed is due again, and nothing else.
    const again = await ledger.claimChecks(later(20), later(7200), 2000);
    expect(again.map(({ payment }) => payment.orderNo).sort()).toEqual(doubted.toSorted());
  }, 60_000);

  async function waiting(lock: 'advisory' | 'transactionid'): Promise<number> {
    // Other specs use the same server, so only what runs in this database counts.
    const text = `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE NOT granted AND locktype = $1 AND datname = current_database()`;
    return (await fixture.pool.query(text, [lock])).rowCount ?? 0;
  }

  async function countOf(condition: string): Promise<number> {
    return (await fixture.pool.query(`SELECT FROM wanpay.events WHERE ${condition}`)).rowCount ?? 0;
  }
});

/** The orders that a statement reads in order to settle them. */
function ordersRead([statement]: readonly unknown[]): readonly unknown[] {
  if (typeof statement !== 'object' || statement === null || !('text' in statement && 'values' in statement)) return [];
  const { text, values } = statement;
  const orders: unknown = Array.isArray(values) ? values[1] : [];
  const isRead = typeof text === 'string' && text.startsWith('SELECT') && text.includes('OFFSET 0');
  return isRead && Array.isArray(orders) ? orders : [];
}

async function issueThenNothing(replica: Ledger, orderNo: string): Promise<Settled> {
  await replica.issue(key(orderNo), ACCOUNT, later(1));
  return { events: [], unconfirmed: false };
}

/** Plays steps against the replicas at once, and checks what must hold whatever came of them. */
class Run {
  private readonly inFlight = new Set<string>();
  private readonly delivered: OwedEvent[] = [];
  private readonly settled: { readonly orderNo: string; readonly result: Settled }[] = [];
  private readonly opened = new Set<string>();
  private readonly withdrawn = new Set<string>();
  /** Orders that were told to be paid when they were open for certain: opened before, and never withdrawn. */
  private readonly toldPaid = new Set<string>();

  constructor(
    private readonly replicas: readonly Ledger[],
    private readonly prefix: string,
  ) {}

  async play(given: readonly Step[]): Promise<void> {
    for (const { operation, order } of given) {
      if (operation === 'withdraw') this.withdrawn.add(`${this.prefix}${order}`);
    }
    await Promise.all(given.map((step) => this.take(step)));
    while (await this.deliver(0));
    for (const order of [0, 1, 2]) await this.check(`${this.prefix}${order}`);
  }

  /** Delivers what is due; false when nothing was. */
  async deliver(replica: number): Promise<boolean> {
    const ledger = this.ledger(replica);
    const claimed = await ledger.claim(later(10), later(3600), 5);
    for (const { event } of claimed) {
      expect(this.inFlight).not.toContain(event.orderNo);
      this.inFlight.add(event.orderNo);
    }
    for (const owed of claimed) {
      await turns(3);
      this.delivered.push(owed);
      this.inFlight.delete(owed.event.orderNo);
      expect(await ledger.recordAttempt(owed, { handled: ['A'], now: later(10) })).toBe(true);
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
        await ledger.open(intent(orderNo));
        this.opened.add(orderNo);
        return;
      case 'issue':
        await ledger.issue(key(orderNo), ACCOUNT, later(1));
        return;
      case 'withdraw':
        await ledger.withdraw(key(orderNo));
        return;
      case 'deliver':
        await this.deliver(replica);
        return;
      case 'paid':
        if (this.opened.has(orderNo) && !this.withdrawn.has(orderNo)) this.toldPaid.add(orderNo);
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

    // A payment becomes paid once, and stays so; each paid outcome of a known order makes it so.
    expect(becamePaid.length).toBeLessThanOrEqual(1);
    expect(changes.filter(({ change }) => change?.from === 'paid' && change.to !== 'paid')).toEqual([]);
    if (changes.some(({ outcome }) => outcome.code === PAID.code && outcome.reportedAmount === PAID.reportedAmount)) {
      expect(state).toBe('paid');
    }
    if (this.toldPaid.has(orderNo)) expect(state).toBe('paid');
    // The event is owed with the change, and only with it; nobody is asked to pay what is settled.
    expect(events.filter((type) => type === 'atm.paid')).toHaveLength(becamePaid.length);
    if (events.includes('atm.paid')) expect(events.at(-1)).toBe('atm.paid');
    expect(timeline.filter((entry) => entry.kind === 'event' && entry.delivery !== 'delivered')).toEqual([]);
    // What callers were told is what was committed.
    const told = this.settled.filter((each) => each.orderNo === orderNo).flatMap(({ result }) => result.events);
    expect(told.map(({ type }) => type).sort()).toEqual(events.filter((type) => type !== 'atm.issued').sort());
  }

  private ledger(replica: number): Ledger {
    const ledger = this.replicas[replica];
    if (!ledger) throw new Error('There is no such replica.');
    return ledger;
  }
}

/** Asks again until it holds. Each time is a question to the server, so it neither spins nor sleeps. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition()));
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

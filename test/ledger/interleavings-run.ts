import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { AtmEvent, DueCheck, Ledger, Outcome, OwedEvent, PaymentKey } from 'nestjs-wanpay';
import {
  afterBurst,
  claimableAt,
  DEADLINE,
  firstOwed,
  isAskedAfter,
  isPurgeable,
  NO_ORDER,
  type Operation,
  type OrderModel,
  type Owed,
} from './interleavings-model.js';
import { ACCOUNT, intent, later, START } from './payments.js';

const ORDERS = ['A1', 'A2', 'A3'];
const LEASE = 600;
const CHECK_LEASE = 300;
const FAILURE = { handlers: ['B'], message: 'no luck' };

/** The processes that work on one ledger's data. */
export interface World {
  /** The ledger of each process. */
  readonly ledgers: readonly Ledger[];
  /** Ends a process, with what it had claimed, and starts another in its place. */
  readonly crash?: (process: number) => Promise<void>;
  /** Whether the new process takes back what was claimed; else the leases must lapse. */
  readonly crashFrees: boolean;
}

interface Done {
  readonly order: string;
  readonly operation: Operation;
  readonly by: number;
}

/** One thing that happens. */
export type Step =
  /** Operations that run at once, and beside them a claim or a crash. */
  | {
      readonly kind: 'burst';
      readonly all: readonly Done[];
      readonly beside: 'nothing' | 'claim' | 'crash';
      readonly by: number;
    }
  | { readonly kind: 'claim'; readonly by: readonly number[]; readonly limit: number }
  /** What becomes of a claim; several times at once, if it is told so. */
  | {
      readonly kind: 'end';
      readonly which: number;
      readonly how: 'handled' | 'retried' | 'buried' | 'released';
      readonly seconds: number;
      readonly times: number;
    }
  | { readonly kind: 'replay'; readonly which: number; readonly by: readonly number[] }
  | { readonly kind: 'check'; readonly by: readonly number[]; readonly limit: number }
  /** What becomes of a check that was claimed; several times at once, if it is told so. */
  | {
      readonly kind: 'schedule';
      readonly which: number;
      readonly seconds: number | undefined;
      readonly failures: number;
      readonly times: number;
    }
  | { readonly kind: 'crash'; readonly by: number }
  | { readonly kind: 'purge'; readonly age: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const paid = (reportedAmount: string): Outcome => ({ status: 'paid', code: '0000', reportedAmount });
const outcome = fc.constantFrom<Outcome>(
  paid('1280'),
  paid('1280.00'),
  paid('128000'),
  paid('7'),
  paid('1281'),
  { status: 'paid', code: '0000' },
  { status: 'failed', code: '5805' },
  { status: 'closed', code: '5803' },
  { status: 'unpaid', code: '5801' },
  { status: 'unknown', code: '9999' },
);
const checkIn = fc.constantFrom(undefined, 2, 901);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open'), checkIn }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('issue'), checkIn }) },
  { weight: 1, arbitrary: fc.constantFrom<Operation>({ kind: 'withdraw' }) },
  { weight: 1, arbitrary: fc.constantFrom<Operation>({ kind: 'request' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('report'),
      outcome,
      source: fc.constantFrom('notification', 'query'),
      mustConfirm: fc.constantFrom(false, false, false, true),
    }),
  },
);
const order = fc.constantFrom(...ORDERS);
const by = fc.nat(1);
const bys = fc.array(by, { minLength: 1, maxLength: 3 });
const one = fc.record({ order, operation, by }).map((done) => [done]);
const duplicates = fc
  .record({ order, operation, bys: fc.array(by, { minLength: 2, maxLength: 4 }) })
  .map((given) => given.bys.map((each): Done => ({ order: given.order, operation: given.operation, by: each })));
const rivals = fc
  .record({ order, all: fc.array(fc.record({ operation, by }), { minLength: 2, maxLength: 4 }) })
  .map((given) => given.all.map((each): Done => ({ order: given.order, ...each })));
const strangers = fc.array(fc.record({ order, operation, by }), { minLength: 2, maxLength: 4 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('burst'),
      all: fc.oneof({ weight: 4, arbitrary: one }, duplicates, rivals, strangers),
      beside: fc.constantFrom('nothing', 'nothing', 'claim', 'crash'),
      by,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('claim'), by: bys, limit: fc.constantFrom(1, 100, 100) }) },
  {
    weight: 7,
    arbitrary: fc.record({
      kind: fc.constant('end'),
      which: fc.nat(9),
      how: fc.constantFrom('handled', 'handled', 'retried', 'buried', 'released'),
      seconds: fc.constantFrom(1, 30, 7200),
      times: fc.constantFrom(1, 1, 3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay'), which: fc.nat(3), by: bys }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('check'), by: bys, limit: fc.constantFrom(1, 100, 100) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('schedule'),
      which: fc.nat(9),
      seconds: fc.constantFrom(undefined, 0, 30, 7200),
      failures: fc.nat(3),
      times: fc.constantFrom(1, 1, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash'), by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge'), age: fc.constantFrom(0, 60, 3600) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait'), seconds: fc.constantFrom(1, 5, 599, 600, 7200, DEADLINE) }),
  },
);

/** What happens, one after the other. */
export const script: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 15, maxLength: 40, size: 'max' });

/** Does to a ledger what the script says, delivers all that is left, and rejects where the ledger is not as the model. */
export async function play(world: World, steps: readonly Step[]): Promise<void> {
  const run = new Run(world);
  for (const each of steps) await run.take(each);
  await run.finish();
}

interface Claim {
  readonly owed: OwedEvent;
  readonly by: number;
  readonly proof: symbol;
}

interface CheckClaim {
  readonly check: DueCheck;
  readonly by: number;
  readonly until: number;
}

class Run {
  private readonly models = new Map<string, OrderModel>();
  /** The event that each id is of, once the ledger has shown it. */
  private readonly facts = new Map<string, string>();
  /** What the processes that are alive have claimed, also where the claim has lapsed without their knowing. */
  private claims: Claim[] = [];
  private checks: CheckClaim[] = [];
  private now = 0;

  constructor(private readonly world: World) {}

  async take(given: Step): Promise<void> {
    switch (given.kind) {
      case 'burst':
        return this.burst(given.all, this.world.crash ? given.beside : 'nothing', given.by);
      case 'claim':
        return this.claim(given.by, given.limit);
      case 'end': {
        const claim = this.claims[given.which % this.claims.length];
        if (claim) await this.end(claim, given.how, given.seconds, given.times);
        return;
      }
      case 'replay':
        return this.replay(given.which, given.by);
      case 'check':
        return this.claimChecks(given.by, given.limit);
      case 'schedule': {
        const claim = this.checks[given.which % this.checks.length];
        if (claim) await this.schedule(claim, given.seconds, given.failures, given.times);
        return;
      }
      case 'crash':
        return this.crash(given.by);
      case 'purge':
        return this.purge(this.now - given.age);
      case 'wait':
        this.now += given.seconds;
    }
  }

  /** Nothing is lost: all that is owed gets delivered, and then nothing is owed. */
  async finish(): Promise<void> {
    for (const by of this.world.ledgers.keys()) await this.crash(by);
    while (this.dead().length > 0) await this.replay(0, [0]);
    for (let due = this.nextDue(); due !== undefined; due = this.nextDue()) {
      assert.deepEqual(await this.ledger(0).nextDue(), later(due));
      this.now = Math.max(this.now, due);
      await this.claim([0], 100);
      for (const claim of [...this.claims]) await this.end(claim, 'handled', 0, 1);
    }
    assert.equal(await this.ledger(0).nextDue(), undefined);
    assert.deepEqual(await this.ledger(0).deadLetters(), []);
    this.now += DEADLINE;
    await this.claimChecks([0], 100);
    for (const claim of [...this.checks]) await this.schedule(claim, undefined, 0, 1);
    assert.equal(await this.ledger(0).nextCheckDue(), undefined);
    for (const orderNo of ORDERS) {
      await this.check(orderNo);
      const { state, owed } = this.model(orderNo);
      assert.equal(owed.filter(({ fact }) => fact.startsWith('paid')).length, state === 'paid' ? 1 : 0);
      assert.ok(owed.every(({ delivery }) => delivery === 'delivered'));
    }
  }

  private async burst(all: readonly Done[], beside: 'nothing' | 'claim' | 'crash', by: number): Promise<void> {
    const claimable = this.claimable();
    const running = all.map((each) => this.perform(each));
    const claiming = beside === 'claim' ? this.ask(by, 100) : [];
    const crashing = beside === 'crash' ? this.crash(by) : undefined;
    const [results, claimed] = await Promise.all([Promise.allSettled(running), claiming, crashing]);

    for (const result of results) {
      if (result.status === 'rejected' && beside !== 'crash') throw result.reason;
      if (result.status === 'fulfilled')
        result.value.forEach((event) => {
          this.learn(event);
        });
    }
    claimed.forEach(({ event }) => {
      this.learn(event);
    });
    for (const orderNo of new Set(all.map(({ order }) => order))) {
      const mine = all.map((each, i) => ({ ...each, result: results[i] })).filter(({ order }) => order === orderNo);
      const done = mine.filter(({ result }) => result?.status === 'fulfilled');
      const may = mine.filter(({ result }) => result?.status === 'rejected');
      const operations = (of: readonly Done[]): readonly Operation[] => of.map((each) => each.operation);
      const before = this.model(orderNo);
      await this.adopt(orderNo, afterBurst(before, operations(done), operations(may), this.now), claimed);
      if (may.length > 0) continue;
      const told = done.flatMap(({ result }) => (result?.status === 'fulfilled' ? result.value : []));
      const owed = this.model(orderNo).owed.slice(before.owed.length);
      assert.deepEqual(
        told.map(factOf).sort(),
        owed
          .map(({ fact }) => fact)
          .filter((fact) => fact !== 'issued')
          .sort(),
      );
    }
    this.hold(claimed.map((owed) => ({ owed, by })));
    // Whoever was not answered asks again.
    for (const [i, result] of results.entries()) {
      const retried = all[i];
      if (result.status === 'rejected' && retried) await this.burst([retried], 'nothing', by);
    }
    const missed = claimable.filter(({ orderNo }) => !claimed.some(({ event }) => event.orderNo === orderNo));
    if (beside === 'claim') assert.deepEqual(missed, []);
  }

  /** Returns the events that the ledger says became owed by it. */
  private async perform({ order: orderNo, operation: given, by }: Done): Promise<readonly AtmEvent[]> {
    const ledger = this.ledger(by);
    const now = later(this.now);
    switch (given.kind) {
      case 'open':
        await ledger.open(
          { ...intent(orderNo), ...key(orderNo), createdAt: now, updatedAt: now },
          this.in(given.checkIn),
        );
        return [];
      case 'request':
        await ledger.requestCheck(key(orderNo), now);
        return [];
      case 'withdraw':
        await ledger.withdraw(key(orderNo));
        return [];
      case 'issue':
        await ledger.issue(key(orderNo), { ...ACCOUNT, expiresAt: later(DEADLINE) }, now, this.in(given.checkIn));
        return [];
      case 'report': {
        const { outcome: said, source, mustConfirm } = given;
        const report = { ...key(orderNo), livemode: false, outcome: said, source, mustConfirm, now };
        return (await ledger.settle(report)).events;
      }
    }
  }

  private async claim(by: readonly number[], limit: number): Promise<void> {
    const claimable = this.claimable().map(({ orderNo, owed }) => `${orderNo} ${owed.fact}`);
    const claimed = await Promise.all(
      by.map(async (each) => (await this.ask(each, limit)).map((owed) => ({ owed, by: each }))),
    );
    const claims = claimed.flat();
    if (limit > ORDERS.length) {
      const names = claims.map(({ owed: { event } }) => `${event.orderNo} ${factOf(event)}`);
      assert.deepEqual(names.sort(), claimable.sort());
    } else if (claimable.length > 0) {
      assert.ok(claims.length > 0);
    }
    this.hold(claims);
    for (const { owed } of claims) await this.check(owed.event.orderNo);
  }

  private async end(
    claim: Claim,
    how: 'handled' | 'retried' | 'buried' | 'released',
    seconds: number,
    times: number,
  ): Promise<void> {
    this.claims = this.claims.filter((each) => each !== claim);
    const { event } = claim.owed;
    const owed = this.model(event.orderNo).owed.find(({ lease }) => lease?.claim === claim.proof);
    const ledger = this.ledger(claim.by);
    const repeated = Array.from({ length: times });
    if (how === 'released') {
      await Promise.all(repeated.map(() => ledger.release(claim.owed)));
      if (owed) this.change(event.orderNo, owed, { attempts: owed.attempts - 1, lease: undefined });
    } else {
      const dueAt = this.now + seconds;
      const attempt = {
        handled: ['A'],
        now: later(this.now),
        ...(how === 'handled' ? {} : { failure: FAILURE }),
        ...(how === 'retried' ? { retryAt: later(dueAt) } : {}),
      };
      const answers = await Promise.all(repeated.map(() => ledger.recordAttempt(claim.owed, attempt)));
      assert.equal(answers.filter(Boolean).length, owed ? 1 : 0);
      const delivery = { handled: 'delivered', retried: 'owed', buried: 'dead' } as const;
      const changes = { delivery: delivery[how], lease: undefined, ...(how === 'retried' ? { dueAt } : {}) };
      if (owed) this.change(event.orderNo, owed, changes);
    }
    await this.check(event.orderNo);
  }

  private async claimChecks(by: readonly number[], limit: number): Promise<void> {
    const due = ORDERS.filter((orderNo) => this.isDue(orderNo));
    const [now, until] = [this.now, this.now + CHECK_LEASE];
    const claimed = await Promise.all(
      by.map(async (each) => {
        const checks = await this.ledger(each).claimChecks(later(now), later(until), limit);
        return checks.map((check): CheckClaim => ({ check, by: each, until }));
      }),
    );
    const claims = claimed.flat();
    if (limit > ORDERS.length) {
      assert.deepEqual(claims.map(({ check }) => check.payment.orderNo).sort(), due);
    } else if (due.length > 0) {
      assert.ok(claims.length > 0);
    }
    for (const { check } of claims) {
      const { state, orderNo } = check.payment;
      const model = this.model(orderNo);
      assert.ok(this.isDue(orderNo), `${orderNo} was not to be asked after.`);
      assert.deepEqual([state, check.failures], [model.state, model.check?.failures]);
      this.models.set(orderNo, { ...model, check: { at: until, failures: check.failures } });
      await this.check(orderNo);
    }
    this.checks.push(...claims);
  }

  private async schedule(
    claim: CheckClaim,
    seconds: number | undefined,
    failures: number,
    times: number,
  ): Promise<void> {
    this.checks = this.checks.filter((each) => each !== claim);
    const { orderNo } = claim.check.payment;
    const model = this.model(orderNo);
    const isHeld = isAskedAfter(model) && model.check?.at === claim.until;
    const at = this.in(seconds);
    const next = { failures, ...(at ? { at } : {}) };
    const ledger = this.ledger(claim.by);
    const answers = await Promise.all(Array.from({ length: times }, () => ledger.scheduleCheck(claim.check, next)));
    assert.equal(answers.filter(Boolean).length, isHeld ? 1 : 0);
    const check = seconds === undefined ? undefined : { at: this.now + seconds, failures };
    if (isHeld) this.models.set(orderNo, { ...model, check });
    await this.check(orderNo);
  }

  private async replay(which: number, by: readonly number[]): Promise<void> {
    const letters = await this.ledger(0).deadLetters();
    const dead = this.dead();
    const names = letters.map(({ event }) => `${event.orderNo} ${factOf(event)}`);
    assert.deepEqual(names.toSorted(), dead.map(({ orderNo, owed }) => `${orderNo} ${owed.fact}`).sort());
    const letter = letters[which % letters.length];
    if (!letter) return;
    const { id, orderNo } = letter.event;
    const answers = await Promise.all(by.map((each) => this.ledger(each).replay(id, later(this.now))));
    assert.equal(answers.filter(Boolean).length, 1);
    const owed = dead.find((each) => each.orderNo === orderNo && each.owed.fact === factOf(letter.event))?.owed;
    assert.ok(owed);
    this.change(orderNo, owed, { delivery: 'owed', attempts: 0, dueAt: this.now });
  }

  private async crash(by: number): Promise<void> {
    if (!this.world.crash) return;
    const { crashFrees } = this.world;
    const process = this.processOf(by);
    this.claims = this.claims.filter((each) => !crashFrees && this.processOf(each.by) !== process);
    await this.world.crash(process);
    if (!crashFrees) return;
    for (const [orderNo, model] of this.models) {
      this.models.set(orderNo, { ...model, owed: model.owed.map((owed) => ({ ...owed, lease: undefined })) });
    }
  }

  private async purge(before: number): Promise<void> {
    const gone = ORDERS.filter((orderNo) => isPurgeable(this.model(orderNo), before));
    assert.equal(await this.ledger(0).purge(later(before), 100), gone.length);
    for (const orderNo of gone) this.models.delete(orderNo);
    // The numbers may be used again, and then what was claimed is not what is owed.
    this.claims = this.claims.filter(({ owed }) => !gone.includes(owed.event.orderNo));
    this.checks = this.checks.filter(({ check }) => !gone.includes(check.payment.orderNo));
  }

  private ask(by: number, limit: number): Promise<readonly OwedEvent[]> {
    return this.ledger(by).claim(later(this.now), later(this.now + LEASE), limit);
  }

  /** Each event that was claimed must have been free for it, and the first of its order. */
  private hold(claims: readonly { readonly owed: OwedEvent; readonly by: number }[]): void {
    for (const { owed, by } of claims) {
      const { orderNo } = owed.event;
      const free = this.claimable().find((each) => each.orderNo === orderNo);
      assert.ok(free, `Nothing of ${orderNo} was free.`);
      assert.deepEqual([factOf(owed.event), owed.attempt], [free.owed.fact, free.owed.attempts + 1]);
      this.learn(owed.event);
      const proof = Symbol(owed.event.id);
      const lease = { until: this.now + LEASE, claim: proof };
      this.change(orderNo, free.owed, { attempts: owed.attempt, lease });
      this.claims.push({ owed, by, proof });
    }
  }

  private learn(event: AtmEvent): void {
    this.facts.set(event.id, factOf(event));
  }

  /** Goes on with that of the models which is what the ledger has. */
  private async adopt(
    orderNo: string,
    models: readonly OrderModel[],
    claimed: readonly OwedEvent[] = [],
  ): Promise<void> {
    const payment = await this.ledger(0).find(key(orderNo));
    const timeline = await this.ledger(0).timeline(key(orderNo));
    const claimedIds = new Set(claimed.map(({ event }) => event.id));
    const events = timeline.flatMap((entry) => (entry.kind === 'event' ? [entry] : []));
    const said = timeline.flatMap((entry) =>
      entry.kind === 'outcome'
        ? [`${entry.source} ${entry.outcome.code} ${entry.change?.from ?? 'none'}-${entry.change?.to ?? 'none'}`]
        : [],
    );
    const checkAt = await this.ledger(0).nextCheckDue(key(orderNo).merchantNo);
    const has = {
      state: payment?.state,
      checkAt: checkAt && (checkAt.getTime() - START.getTime()) / 1000,
      wrongAmounts: payment?.mismatchedAmounts ?? [],
      said: said.sort(),
      events: events.map(({ eventId, type, delivery, attempts }) => {
        const fact = this.facts.get(eventId) ?? type.replace('atm.', '');
        return `${fact} ${delivery} ${attempts - (claimedIds.has(eventId) ? 1 : 0)}`;
      }),
    };
    const wanted = models.map((model) => ({
      state: model.state,
      checkAt: model.check?.at,
      wrongAmounts: model.state === undefined ? [] : model.wrongAmounts,
      said: model.said.toSorted(),
      events: model.owed.map(({ fact, delivery, attempts }) => `${fact} ${delivery} ${attempts}`),
    }));
    const found = wanted.findIndex((each) => JSON.stringify(each) === JSON.stringify(has));
    // Tells the first of them as what was wanted, where there is none.
    if (found < 0) assert.deepEqual({ orderNo, ...has }, { orderNo, ...wanted[0] });
    const model = models[found];
    assert.ok(model);
    this.models.set(orderNo, model);
  }

  private check(orderNo: string): Promise<void> {
    return this.adopt(orderNo, [this.model(orderNo)]);
  }

  private change(orderNo: string, owed: Owed, changes: Partial<Owed>): void {
    const model = this.model(orderNo);
    const changed = model.owed.map((each) => (each.fact === owed.fact ? { ...each, ...changes } : each));
    this.models.set(orderNo, { ...model, owed: changed });
  }

  private claimable(): readonly { readonly orderNo: string; readonly owed: Owed }[] {
    return this.next().filter(({ owed }) => claimableAt(owed) <= this.now);
  }

  private nextDue(): number | undefined {
    const next = this.next().map(({ owed }) => claimableAt(owed));
    return next.length > 0 ? Math.min(...next) : undefined;
  }

  private next(): readonly { readonly orderNo: string; readonly owed: Owed }[] {
    return ORDERS.flatMap((orderNo) => {
      const owed = firstOwed(this.model(orderNo));
      return owed ? [{ orderNo, owed }] : [];
    });
  }

  private dead(): readonly { readonly orderNo: string; readonly owed: Owed }[] {
    return ORDERS.flatMap((orderNo) =>
      this.model(orderNo)
        .owed.filter(({ delivery }) => delivery === 'dead')
        .map((owed) => ({ orderNo, owed })),
    );
  }

  private model(orderNo: string): OrderModel {
    return this.models.get(orderNo) ?? NO_ORDER;
  }

  private isDue(orderNo: string): boolean {
    const { check } = this.model(orderNo);
    return check !== undefined && check.at <= this.now;
  }

  /** The moment so many seconds from now. */
  private in(seconds: number | undefined): Date | undefined {
    return seconds === undefined ? undefined : later(this.now + seconds);
  }

  private processOf(by: number): number {
    return by % this.world.ledgers.length;
  }

  private ledger(by: number): Ledger {
    const ledger = this.world.ledgers[this.processOf(by)];
    assert.ok(ledger);
    return ledger;
  }
}

/** Each order is of a merchant of its own, so that its check can be asked for by itself. */
function key(orderNo: string): PaymentKey {
  return { merchantNo: `M${orderNo}`, orderNo };
}

function factOf(event: AtmEvent): string {
  switch (event.type) {
    case 'atm.paid':
      return event.late ? 'paid late' : 'paid';
    case 'atm.mismatched':
      return `mismatched ${event.reportedAmount}`;
    case 'atm.unmatched':
      return `unmatched ${event.outcome.code} ${event.outcome.reportedAmount ?? ''}`;
    default:
      return event.type.replace('atm.', '');
  }
}

import assert from 'node:assert/strict';
import type {
  AtmEvent,
  ClaimedDelivery,
  DueCheck,
  HandlerStatus,
  Ledger,
  PaymentKey,
  Subscription,
} from 'nestjs-wanpay/ledger';
import {
  adopted,
  adoptedInTurn,
  backfilled,
  claimableAt,
  deliveredTo,
  deliveriesOf,
  type DeliveryModel,
  firstPending,
  type Found,
  KEEP,
  retired,
  withDelivery,
} from './interleavings-deliveries.js';
import {
  afterBurst,
  DEADLINE,
  isPurgeable,
  mayBePaid,
  NO_ORDER,
  type Operation,
  type OrderModel,
  RIGHT_AMOUNTS,
} from './interleavings-model.js';
import { type Beside, type Done, HANDLERS, ORDERS, ROLES, type Script, type Step } from './interleavings-script.js';
import { ACCOUNT, later, opening, START } from './payments.js';

const LEASE = 600;
const CHECK_LEASE = 300;
/** For how long a handler counts as running that a process has named. */
const RUNNING = 180;
const FAILURE = 'no luck';

/** The processes that work on one ledger's data. */
export interface World {
  /** The ledger of each process. */
  readonly ledgers: readonly Ledger[];
  /** Ends a process, with what it had claimed, and starts another in its place. */
  readonly restart: (process: number) => Promise<void>;
  /** Whether the new process takes back what was claimed; else the claims must lapse. */
  readonly restartFrees: boolean;
}

/** Does to a ledger what the script says, delivers all that is left, and rejects where the ledger is not as the model. */
export async function play(world: World, { roles, steps }: Script): Promise<void> {
  const run = new Run(world, [...roles]);
  await run.begin();
  for (const each of steps) await run.take(each);
  await run.finish();
}

interface Claim {
  readonly claimed: ClaimedDelivery;
  readonly by: number;
  readonly proof: symbol;
}

/** A delivery that a process has claimed. */
type Taken = Pick<Claim, 'claimed' | 'by'>;

interface CheckClaim {
  readonly check: DueCheck;
  readonly by: number;
  readonly until: number;
}

/** A delivery, and of which order it is. */
interface Located extends Found {
  readonly orderNo: string;
}

class Run {
  /** What each order may be: models that differ only in what the ledger does not show, such as when a check was brought forward. */
  private readonly models = new Map<string, readonly OrderModel[]>();
  /** When a process last said that it has each of the handlers that are subscribed, per subscription. */
  private readonly subscribed = new Map<Subscription, number>();
  /** The event that each id is of, once the ledger has shown it. */
  private readonly facts = new Map<string, string>();
  /** The ledgers whose events are listened to. */
  private readonly heard = new WeakSet<Ledger>();
  /** What the processes that are alive have claimed, also where the claim has lapsed without their knowing. */
  private claims: Claim[] = [];
  private checks: CheckClaim[] = [];
  /** What the processes have claimed with the commits of a burst. */
  private taken: Taken[] = [];
  private now = 0;

  constructor(
    private readonly world: World,
    /** Which handlers each process has. */
    private readonly roles: number[],
  ) {}

  begin(): Promise<void> {
    return this.subscribe([...this.world.ledgers.keys()]);
  }

  async take(given: Step): Promise<void> {
    switch (given.kind) {
      case 'burst':
        return this.burst(given.all, given.beside, given.places);
      case 'claim':
        return this.claim(given.by, given.limit);
      case 'end': {
        const claim = this.claims[given.which % this.claims.length];
        if (claim) await this.end(claim, given.how, given.seconds, given.times);
        return;
      }
      case 'replay':
        return this.replay(given.state, given.which, given.by);
      case 'replayAll':
        return this.replayAll(given);
      case 'subscribe':
        return this.subscribe(given.by);
      case 'refresh':
        return this.refresh(given.by);
      case 'backfill':
        return this.backfill(given);
      case 'check':
        return this.claimChecks(given.by, given.limit);
      case 'schedule': {
        const claim = this.checks[given.which % this.checks.length];
        if (claim) await this.schedule(claim, given.seconds, given.failures, given.times);
        return;
      }
      case 'restart':
      case 'retire':
        return this.burst([], given, 0);
      case 'purge':
        return this.purge(this.now - given.age);
      case 'wait':
        this.now += given.seconds;
    }
  }

  /** Nothing is lost: all that is pending gets delivered, and then nothing is pending. */
  async finish(): Promise<void> {
    for (const by of this.world.ledgers.keys()) await this.take({ kind: 'restart', by, role: undefined });
    for (const handler of HANDLERS) await this.replayAll({ state: 'dead', handler, by: 0 });
    for (let due = this.nextDue(); due !== undefined; due = this.nextDue()) {
      assert.deepEqual(await this.ledger(0).deliveries.nextDue(later(this.now)), later(due));
      this.now = Math.max(this.now, due);
      const claims = this.hold(await this.ask(0, 100, [...this.subscribed.keys()]), 0);
      for (const claim of claims) await this.end(claim, 'succeeded', 0, 1);
    }
    assert.equal(await this.ledger(0).deliveries.nextDue(later(this.now)), undefined);
    this.expectStatuses(await this.ledger(0).deliveries.handlers(later(this.now)));
    this.now += DEADLINE;
    await this.claimChecks([0], 100);
    for (const claim of [...this.checks]) await this.schedule(claim, undefined, 0, 1);
    assert.equal(await this.ledger(0).nextCheckDue(later(this.now)), undefined);
    for (const orderNo of ORDERS) {
      await this.check(orderNo);
      const { state, events } = this.model(orderNo);
      assert.equal(events.filter(({ type }) => type === 'atm.paid').length, state === 'paid' ? 1 : 0);
      assert.ok(deliveriesOf({ events }).every(({ delivery }) => delivery.state === 'delivered'));
    }
  }

  /** Operations at once, and something beside them. */
  private async burst(all: readonly Done[], beside: Beside, places: number): Promise<void> {
    const before = [...this.subscribed.keys()];
    const models = new Map(ORDERS.map((orderNo) => [orderNo, this.possible(orderNo)]));
    const claimable = beside.kind === 'claim' ? this.claimable(this.rolesOf([beside.by])) : [];
    for (const by of this.world.ledgers.keys()) this.offer(by, beside.kind === 'restart' ? 0 : places);
    const running = all.map((each) => this.perform(each));
    const [results, claimed] = await Promise.all([Promise.allSettled(running), this.doBeside(beside)]);
    const then = [...this.subscribed.keys()];
    const taken = this.taken
      .splice(0)
      .filter(({ claimed: { handler } }) => then.some((each) => each.handler === handler));
    const allClaimed = [...claimed, ...taken.map((each) => each.claimed)];

    for (const result of results) {
      if (result.status === 'rejected' && beside.kind !== 'restart') throw result.reason;
      if (result.status === 'fulfilled') for (const event of result.value) this.learn(event);
    }
    for (const { event } of allClaimed) this.learn(event);
    for (const [orderNo, known] of models) {
      const recordedBefore = this.model(orderNo).events.length;
      const mine = all.map((each, i) => ({ ...each, result: results[i] })).filter(({ order }) => order === orderNo);
      const done = mine.filter(({ result }) => result?.status === 'fulfilled');
      const may = mine.filter(({ result }) => result?.status === 'rejected');
      const operations = (of: readonly Done[]): readonly Operation[] => of.map((each) => each.operation);
      const possible = known
        .flatMap((model) => this.afterBeside(model, beside))
        .flatMap((model) => afterBurst(model, operations(done), operations(may), this.now))
        .flatMap((order) => deliveredTo(order, recordedBefore, before, then));
      await this.adopt(orderNo, possible, allClaimed);
      if (may.length > 0) continue;
      const told = done.flatMap(({ result }) => (result?.status === 'fulfilled' ? result.value : []));
      const recorded = this.model(orderNo).events.slice(recordedBefore);
      const facts = recorded.map(({ fact }) => fact);
      // Accounts and withdrawals record events without telling who asked for them.
      const isSilent = done.some(({ operation: { kind } }) => kind === 'issue' || kind === 'withdraw');
      if (isSilent)
        assert.deepEqual(
          told.map(factOf).filter((fact) => !facts.includes(fact)),
          [],
        );
      else assert.deepEqual(told.map(factOf).sort(), facts.sort());
    }
    if (beside.kind === 'claim') {
      const names = claimed.map(nameOf);
      assert.deepEqual(claimable.filter((located) => !names.includes(nameOfLocated(located))).map(nameOfLocated), []);
      this.hold(claimed, beside.by);
    }
    for (const { claimed: one, by } of taken) {
      const isMine = this.rolesOf([by]).some(({ handler, type }) => handler === one.handler && type === one.event.type);
      assert.ok(isMine, `${nameOf(one)} was claimed by a process without it.`);
      this.hold([one], by);
    }
    // Whoever was not answered asks again.
    for (const [i, result] of results.entries()) {
      const retried = all[i];
      if (result.status === 'rejected' && retried) await this.burst([retried], { kind: 'nothing' }, 0);
    }
  }

  /** Has a process claim up to so many deliveries with each of its commits, for the handlers that it has. */
  private offer(by: number, limit: number): void {
    const subscriptions = this.rolesOf([by]);
    const claim = { subscriptions, now: later(this.now), leaseUntil: later(this.now + LEASE), limit };
    this.ledger(by).offerDeliveries(limit > 0 ? () => ({ ...claim, end: () => undefined }) : undefined);
  }

  private async doBeside(beside: Beside): Promise<readonly ClaimedDelivery[]> {
    switch (beside.kind) {
      case 'nothing':
        return [];
      case 'claim':
        return this.ask(beside.by, 100, this.rolesOf([beside.by]));
      case 'restart':
        await this.restart(beside.by, beside.role);
        return [];
      case 'retire': {
        const isKnown = [...this.subscribed.keys()].some(({ handler }) => handler === beside.handler);
        const gone = await this.ledger(beside.by).deliveries.retire(beside.handler, later(this.now), { force: true });
        assert.equal(gone !== undefined, isKnown);
        this.forget(beside.handler);
        return [];
      }
    }
  }

  /** What may have become of an order's earlier events. */
  private afterBeside(model: OrderModel, beside: Beside): readonly OrderModel[] {
    if (beside.kind === 'restart') return adopted(this.freed(model), [...this.subscribed.keys()], this.now);
    return [beside.kind === 'retire' ? retired(model, beside.handler) : model];
  }

  /** Returns the events that the ledger says it recorded. */
  private async perform({ order: orderNo, operation: given, by }: Done): Promise<readonly AtmEvent[]> {
    const ledger = this.ledger(by);
    const now = later(this.now);
    switch (given.kind) {
      case 'open':
        await ledger.open(
          { ...opening(orderNo), ...key(orderNo), createdAt: now, updatedAt: now },
          this.in(given.checkIn),
        );
        return [];
      case 'request':
        await ledger.requestCheck(key(orderNo), now);
        return [];
      case 'withdraw':
        await ledger.withdraw(key(orderNo), { code: '910', message: '' }, now);
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

  /** A process ends, perhaps in the middle of something, and another starts in its place, perhaps with other handlers. */
  private async restart(by: number, role: number | undefined): Promise<void> {
    const process = this.processOf(by);
    this.claims = this.claims.filter((each) => !this.world.restartFrees && this.processOf(each.by) !== process);
    if (role !== undefined) this.roles[process] = role;
    await this.world.restart(process);
    const handlers = this.rolesOf([by]);
    await this.ledger(by).deliveries.subscribe(handlers, later(this.now), later(this.now - KEEP));
    for (const each of handlers) this.subscribed.set(each, this.now);
  }

  private freed(model: OrderModel): OrderModel {
    if (!this.world.restartFrees) return model;
    const held = deliveriesOf(model).filter(({ delivery }) => delivery.heldUntil !== undefined);
    // When it was due before it was claimed is not known any more; it is due at once.
    return held.reduce(
      (order, found) => withDelivery(order, found, { heldUntil: undefined, dueAt: found.event.at }),
      model,
    );
  }

  /** Several processes make their handlers known at once. */
  private async subscribe(by: readonly number[]): Promise<void> {
    const [now, keptSince] = [later(this.now), later(this.now - KEEP)];
    const answers = await Promise.all(
      by.map((each) => this.ledger(each).deliveries.subscribe(this.rolesOf([each]), now, keptSince)),
    );
    const before = [...this.subscribed.keys()];
    for (const each of this.rolesOf(by)) this.subscribed.set(each, this.now);
    const handlers = by.map((each) => this.rolesOf([each]));
    for (const orderNo of ORDERS) {
      const next = this.possible(orderNo).flatMap((model) => adoptedInTurn(model, before, handlers, this.now));
      await this.adopt(orderNo, next);
    }
    if (answers.length === 1) for (const statuses of answers) this.expectStatuses(statuses);
  }

  private async refresh(by: readonly number[]): Promise<void> {
    const [now, keptSince] = [later(this.now), later(this.now - KEEP)];
    const answers = await Promise.all(
      by.map((each) => this.ledger(each).deliveries.refresh(this.rolesOf([each]), now, keptSince)),
    );
    for (const each of this.rolesOf(by)) if (this.subscribed.has(each)) this.subscribed.set(each, this.now);
    for (const orderNo of ORDERS) {
      const then = [...this.subscribed.keys()];
      await this.adopt(
        orderNo,
        this.possible(orderNo).flatMap((model) => adopted(model, then, this.now)),
      );
    }
    if (answers.length === 1) for (const statuses of answers) this.expectStatuses(statuses);
  }

  private async backfill({ subscription, age, by }: Extract<Step, { kind: 'backfill' }>): Promise<void> {
    const period = { from: this.now - age, to: this.now };
    const added = await Promise.all(
      by.map((each) =>
        this.ledger(each).deliveries.backfill(subscription, later(period.from), later(period.to), later(this.now)),
      ),
    );
    let expected = 0;
    for (const orderNo of this.subscribed.has(subscription) ? ORDERS : []) {
      const before = deliveriesOf(this.model(orderNo)).length;
      this.update(orderNo, (model) => backfilled(model, subscription, period, this.now));
      expected += deliveriesOf(this.model(orderNo)).length - before;
      await this.check(orderNo);
    }
    assert.equal(
      added.reduce((sum, each) => sum + each, 0),
      expected,
    );
  }

  /** The handler is gone, and what was claimed for it. */
  private forget(handler: string): void {
    for (const each of [...this.subscribed.keys()]) if (each.handler === handler) this.subscribed.delete(each);
    this.claims = this.claims.filter(({ claimed }) => claimed.handler !== handler);
  }

  private async claim(by: readonly number[], limit: number): Promise<void> {
    const claimable = this.claimable(this.rolesOf(by));
    const answers = await Promise.all(
      by.map(async (each) => ({ claimed: await this.ask(each, limit, this.rolesOf([each])), by: each })),
    );
    const claimed = answers.flatMap((answer) => answer.claimed);
    if (limit > ORDERS.length) {
      assert.deepEqual(claimed.map(nameOf).sort(), claimable.map(nameOfLocated).sort());
    } else if (claimable.length > 0) {
      assert.ok(claimed.length > 0);
    }
    for (const answer of answers) this.hold(answer.claimed, answer.by);
    for (const orderNo of new Set(claimed.map(({ event }) => event.orderNo))) await this.check(orderNo);
  }

  private async end(
    claim: Claim,
    how: Extract<Step, { kind: 'end' }>['how'],
    seconds: number,
    times: number,
  ): Promise<void> {
    // A handler that was given up on may still end, so that what it says counts as long as nobody else has the delivery.
    if (how === 'succeeded' || how === 'transacted') this.claims = this.claims.filter((each) => each !== claim);
    const { orderNo } = claim.claimed.event;
    const found = deliveriesOf(this.model(orderNo)).find(
      ({ delivery }) => delivery.state === 'pending' && delivery.claim === claim.proof,
    );
    const answers = await Promise.all(Array.from({ length: times }, () => this.tell(claim, how, seconds)));
    const staysPending = how === 'renewed' || how === 'retried' || how === 'released';
    assert.equal(answers.filter(Boolean).length, found ? (staysPending ? times : 1) : 0);
    if (found) this.change(orderNo, found, this.ended(claim, how, seconds));
    await this.check(orderNo);
  }

  private tell({ claimed, by }: Claim, how: Extract<Step, { kind: 'end' }>['how'], seconds: number): Promise<boolean> {
    const { deliveries, transactions } = this.ledger(by);
    const [now, then] = [later(this.now), later(this.now + seconds)];
    switch (how) {
      case 'succeeded':
        return deliveries.succeed(claimed, now);
      case 'transacted': {
        const work = { run: () => undefined, signal: new AbortController().signal };
        return transactions === 'none' ? deliveries.succeed(claimed, now) : deliveries.transact(claimed, now, work);
      }
      case 'retried':
        return deliveries.retry(claimed, FAILURE, then);
      case 'buried':
        return deliveries.bury(claimed, FAILURE, now);
      case 'released':
        return deliveries.release(claimed, now);
      case 'renewed':
        return deliveries.renew(claimed, then);
    }
  }

  /** What an end changes in the model. */
  private ended(
    { claimed }: Claim,
    how: Extract<Step, { kind: 'end' }>['how'],
    seconds: number,
  ): Partial<DeliveryModel> {
    const heldUntil = undefined;
    switch (how) {
      case 'succeeded':
      case 'transacted':
        return { state: 'delivered', failure: undefined, heldUntil };
      case 'retried':
        return { dueAt: this.now + seconds, failure: FAILURE, heldUntil };
      case 'buried':
        return { state: 'dead', failure: FAILURE, heldUntil };
      case 'released':
        return { attempts: claimed.attempt - 1, dueAt: this.now, failure: claimed.failure, heldUntil };
      case 'renewed':
        return { heldUntil: this.now + seconds };
    }
  }

  private async claimChecks(by: readonly number[], limit: number): Promise<void> {
    const due = ORDERS.filter((orderNo) => this.isDue(orderNo));
    const [now, until] = [this.now, this.now + CHECK_LEASE];
    const answers = await Promise.all(
      by.map(async (each) => {
        const claim = { now: later(now), leaseUntil: later(until), limit };
        const { checks } = await this.ledger(each).claimChecks(claim);
        return checks.map((check): CheckClaim => ({ check: { ...check, leaseUntil: later(until) }, by: each, until }));
      }),
    );
    const claims = answers.flat();
    if (limit > ORDERS.length) {
      assert.deepEqual(claims.map(({ check }) => check.payment.orderNo).sort(), due);
    } else if (due.length > 0) {
      assert.ok(claims.length > 0);
    }
    for (const { check } of claims) {
      const { state, orderNo } = check.payment;
      const model = this.model(orderNo);
      assert.ok(this.isDue(orderNo), `${orderNo} had no check due.`);
      assert.deepEqual([state, check.failures], [model.state, model.check?.failures]);
      this.update(orderNo, (known) => ({ ...known, check: { at: until, failures: check.failures } }));
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
    const isHeld = mayBePaid(model) && model.check?.at === claim.until;
    const at = this.in(seconds);
    const next = { failures, ...(at ? { at } : {}) };
    const ledger = this.ledger(claim.by);
    const answers = await Promise.all(Array.from({ length: times }, () => ledger.scheduleCheck(claim.check, next)));
    assert.equal(answers.filter(Boolean).length, isHeld ? 1 : 0);
    const check = seconds === undefined ? undefined : { at: this.now + seconds, failures };
    if (isHeld) this.update(orderNo, (known) => ({ ...known, check }));
    await this.check(orderNo);
  }

  private async replay(state: 'dead' | 'delivered', which: number, by: readonly number[]): Promise<void> {
    const { deliveries } = await this.ledger(0).deliveries.list({ state, limit: 1000 }, later(this.now));
    const inState = this.all().filter(({ delivery }) => delivery.state === state);
    assert.deepEqual(deliveries.map(nameOf).sort(), inState.map(nameOfLocated).sort());
    const chosen = deliveries[which % deliveries.length];
    if (!chosen) return;
    const answers = await Promise.all(
      by.map((each) => this.ledger(each).deliveries.replay(chosen.id, later(this.now))),
    );
    assert.deepEqual(
      answers,
      answers.map(() => true),
    );
    const found = inState.find((located) => nameOfLocated(located) === nameOf(chosen));
    assert.ok(found);
    this.changeToReplayed(found);
    await this.check(found.orderNo);
  }

  private async replayAll(
    given: Pick<Extract<Step, { kind: 'replayAll' }>, 'state' | 'handler' | 'by'>,
  ): Promise<void> {
    const { state, handler, by } = given;
    const found = this.all().filter(({ delivery }) => delivery.state === state && delivery.handler === handler);
    const replayed = await this.ledger(by).deliveries.replayAll({ state, handler }, later(this.now));
    assert.equal(replayed, found.length);
    for (const each of found) this.changeToReplayed(each);
    for (const orderNo of new Set(found.map((each) => each.orderNo))) await this.check(orderNo);
  }

  private async purge(before: number): Promise<void> {
    const gone = ORDERS.filter((orderNo) => isPurgeable(this.model(orderNo), before));
    assert.equal(await this.ledger(0).purge(later(before), 100), gone.length);
    for (const orderNo of gone) this.models.delete(orderNo);
    // The numbers may be used again, and then what was claimed is not what is pending.
    this.claims = this.claims.filter(({ claimed }) => !gone.includes(claimed.event.orderNo));
    this.checks = this.checks.filter(({ check }) => !gone.includes(check.payment.orderNo));
  }

  private async ask(
    by: number,
    limit: number,
    subscriptions: readonly Subscription[],
  ): Promise<readonly ClaimedDelivery[]> {
    const claim = { subscriptions, now: later(this.now), leaseUntil: later(this.now + LEASE), limit };
    return (await this.ledger(by).deliveries.claim(claim)).deliveries;
  }

  /** Each delivery that was claimed must have been free for it, and the first of its order and handler. */
  private hold(all: readonly ClaimedDelivery[], by: number): readonly Claim[] {
    const claims = all.map((claimed): Claim => {
      const { orderNo } = claimed.event;
      const free = this.claimable([...this.subscribed.keys()]).find((each) => nameOfLocated(each) === nameOf(claimed));
      assert.ok(free, `${nameOf(claimed)} was not free.`);
      assert.deepEqual(
        [claimed.attempt, claimed.failure, claimed.event.occurredAt],
        [free.delivery.attempts + 1, free.delivery.failure, later(free.event.at)],
      );
      this.learn(claimed.event);
      const proof = Symbol(nameOf(claimed));
      this.change(orderNo, free, { attempts: claimed.attempt, heldUntil: this.now + LEASE, claim: proof });
      return { claimed, by, proof };
    });
    this.claims.push(...claims);
    return claims;
  }

  private learn(event: AtmEvent): void {
    this.facts.set(event.id, factOf(event));
  }

  /** Goes on with those of the models which are what the ledger has. */
  private async adopt(
    orderNo: string,
    models: readonly OrderModel[],
    claimed: readonly ClaimedDelivery[] = [],
  ): Promise<void> {
    const has = await this.read(orderNo, claimed);
    const wanted = models.map((model) => ({
      state: model.state,
      hasAccount: model.hasAccount,
      checkAt: model.check?.at,
      otherTransfers: model.otherTransfers,
      said: model.said.map(({ name, from, count }) => `${name} from ${from}, ${count} times`).sort(),
      events: model.events.map(({ fact, deliveries }) => ({
        fact,
        deliveries: deliveries
          .map(({ handler, state, heldUntil, attempts, failure }) =>
            [handler, heldUntil === undefined ? state : 'running', attempts, failure ?? ''].join(' '),
          )
          .sort(),
      })),
    }));
    const found = models.filter((_, i) => JSON.stringify(wanted[i]) === JSON.stringify(has));
    // Tells the first of them as what was wanted, where there is none.
    if (found.length === 0) assert.deepEqual({ orderNo, ...has }, { orderNo, ...wanted[0] });
    this.models.set(orderNo, [...new Map(found.map((model) => [JSON.stringify(model), model])).values()]);
  }

  /** What the ledger has of an order, as it was before the deliveries were claimed. */
  private async read(orderNo: string, claimed: readonly ClaimedDelivery[]): Promise<object> {
    const payment = await this.ledger(0).find(key(orderNo));
    const timeline = await this.ledger(0).timeline(key(orderNo));
    const checkAt = await this.ledger(0).nextCheckDue(later(this.now), key(orderNo).merchantNo);
    return {
      state: payment?.state,
      hasAccount: payment?.account !== undefined,
      checkAt: checkAt && (checkAt.getTime() - START.getTime()) / 1000,
      otherTransfers: payment?.otherTransfers?.map(({ reportedAmount }) => amountOf(reportedAmount)) ?? [],
      said: timeline
        .flatMap((entry) => {
          if (entry.kind !== 'outcome') return [];
          const { source, outcome, change, count } = entry;
          const name = `${source} ${outcome.code} ${outcome.reportedAmount ?? ''} ${change?.to ?? 'none'}`;
          return [`${name} from ${change?.from ?? 'none'}, ${count} times`];
        })
        .sort(),
      events: timeline.flatMap((entry) => {
        if (entry.kind !== 'event') return [];
        const isClaimed = (handler: string): boolean =>
          claimed.some((each) => each.event.id === entry.eventId && each.handler === handler);
        const deliveries = entry.deliveries.map(({ handler, state, attempts, failure }) =>
          isClaimed(handler)
            ? [handler, this.stateBefore(orderNo, entry.eventId, handler), attempts - 1, failure ?? ''].join(' ')
            : [handler, state, attempts, failure ?? ''].join(' '),
        );
        return [
          { fact: this.facts.get(entry.eventId) ?? entry.type.replace('atm.', ''), deliveries: deliveries.sort() },
        ];
      }),
    };
  }

  /** How a delivery stood that was claimed meanwhile: with a claim that had lapsed, or with none. */
  private stateBefore(orderNo: string, eventId: string, handler: string): 'pending' | 'running' {
    const known = deliveriesOf(this.model(orderNo)).find(
      ({ event, delivery }) => event.fact === this.facts.get(eventId) && delivery.handler === handler,
    );
    return known?.delivery.heldUntil === undefined ? 'pending' : 'running';
  }

  private check(orderNo: string): Promise<void> {
    return this.adopt(orderNo, this.possible(orderNo));
  }

  private expectStatuses(statuses: readonly HandlerStatus[]): void {
    const wanted = HANDLERS.flatMap((id) => {
      const mine = [...this.subscribed].filter(([{ handler }]) => handler === id);
      if (mine.length === 0) return [];
      const seenAt = Math.max(...mine.map(([, at]) => at));
      const deliveries = this.all().filter(({ delivery }) => delivery.handler === id);
      const count = (state: DeliveryModel['state']): number =>
        deliveries.filter(({ delivery }) => delivery.state === state).length;
      const types = mine.map(([{ type }]) => type).sort();
      const isRunning = this.now - seenAt < RUNNING;
      return [{ id, types, lastSeenAt: later(seenAt), isRunning, pending: count('pending'), dead: count('dead') }];
    });
    const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);
    const has = statuses.map((status) => ({ ...status, types: status.types.toSorted() }));
    assert.deepEqual(has.sort(byId), wanted.sort(byId));
  }

  private change(orderNo: string, found: Found, changes: Partial<DeliveryModel>): void {
    this.update(orderNo, (model) => withDelivery(model, found, changes));
  }

  private changeToReplayed(located: Located): void {
    const changes = { state: 'pending', attempts: 0, dueAt: this.now, failure: undefined } as const;
    this.change(located.orderNo, located, changes);
  }

  /** What may be claimed just now by whoever has these handlers. */
  private claimable(subscriptions: readonly Subscription[]): readonly Located[] {
    return this.next().filter(({ event, delivery }) => {
      const isMine = subscriptions.some(
        (each) => this.subscribed.has(each) && each.handler === delivery.handler && each.type === event.type,
      );
      return isMine && claimableAt(delivery) <= this.now;
    });
  }

  private nextDue(): number | undefined {
    const next = this.next().map(({ delivery }) => claimableAt(delivery));
    return next.length > 0 ? Math.min(...next) : undefined;
  }

  private next(): readonly Located[] {
    return ORDERS.flatMap((orderNo) => firstPending(this.model(orderNo)).map((found) => ({ orderNo, ...found })));
  }

  private all(): readonly Located[] {
    return ORDERS.flatMap((orderNo) => deliveriesOf(this.model(orderNo)).map((found) => ({ orderNo, ...found })));
  }

  /** The order as far as the ledger shows it. */
  private model(orderNo: string): OrderModel {
    const [model = NO_ORDER] = this.possible(orderNo);
    return model;
  }

  private possible(orderNo: string): readonly OrderModel[] {
    return this.models.get(orderNo) ?? [NO_ORDER];
  }

  private update(orderNo: string, change: (model: OrderModel) => OrderModel): void {
    this.models.set(orderNo, this.possible(orderNo).map(change));
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

  /** The handlers of some processes. */
  private rolesOf(by: readonly number[]): readonly Subscription[] {
    return [...new Set(by.flatMap((each) => ROLES[this.roles[this.processOf(each)] ?? 0] ?? []))];
  }

  private ledger(by: number): Ledger {
    const ledger = this.world.ledgers[this.processOf(by)];
    assert.ok(ledger);
    if (!this.heard.has(ledger)) {
      this.heard.add(ledger);
      // An account records events without telling who brought it.
      ledger.onEvents((events, taken) => {
        for (const event of events) this.learn(event);
        for (const claimed of taken) this.taken.push({ claimed, by: this.processOf(by) });
      });
    }
    return ledger;
  }
}

/** Each order is of a merchant of its own, so that its check can be asked for by itself. */
function key(orderNo: string): PaymentKey {
  return { merchantNo: `M${orderNo}`, orderNo };
}

function nameOf({ event, handler }: { readonly event: AtmEvent; readonly handler: string }): string {
  return `${event.orderNo} ${factOf(event)} to ${handler}`;
}

function nameOfLocated({ orderNo, event, delivery }: Located): string {
  return `${orderNo} ${event.fact} to ${delivery.handler}`;
}

/** An amount, however it is written. */
function amountOf(reported: string): string {
  return RIGHT_AMOUNTS.includes(reported) ? 'right' : reported;
}

function factOf(event: AtmEvent): string {
  switch (event.type) {
    case 'atm.paid':
      return event.late ? 'paid late' : 'paid';
    case 'atm.amount_mismatch':
    case 'atm.duplicate_payment':
    case 'atm.unclaimed_payment':
      return `${event.type.replace('atm.', '')} ${event.transfer.reportedAmount}`;
    case 'atm.unknown_order':
      return `unknown_order ${event.outcome.code} ${event.outcome.reportedAmount ?? ''}`;
    default:
      return event.type.replace('atm.', '');
  }
}

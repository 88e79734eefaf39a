import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AtmEvent, Ledger, MemoryStore } from 'nestjs-wanpay/ledger';
import type { Outcome } from 'nestjs-wanpay/protocol';
import { ACCOUNT, key, later, opening } from './payments.js';

const AMOUNT = 1280;
const ORDERS = ['A1', 'A2'];
const LEDGERS = [0, 1] as const;

/** Something that happens between a bank, the platform and two ledgers that use the same order numbers. */
type Step =
  /** A ledger asks for an account. The platform gives one to whoever asks first, and 6307 to the other. */
  | { readonly kind: 'open'; readonly ledger: 0 | 1; readonly order: string; readonly isReplyLost: boolean }
  /** The reply that is on its way arrives. */
  | { readonly kind: 'reply'; readonly ledger: 0 | 1; readonly order: string }
  /** A payer transfers money to an account that was given out, and the bank books it. */
  | { readonly kind: 'transfer'; readonly order: string; readonly amount: number }
  /** The platform tells a ledger of a transfer that was booked, perhaps again, perhaps late, perhaps the wrong ledger. */
  | {
      readonly kind: 'notify';
      readonly ledger: 0 | 1;
      readonly order: string;
      readonly which: number;
      readonly inCents: boolean;
    }
  /** A ledger asks how an order stands: the platform tells its first transfer, without the time. */
  | { readonly kind: 'query'; readonly ledger: 0 | 1; readonly order: string };

const ledger = fc.constantFrom(...LEDGERS);
const order = fc.constantFrom(...ORDERS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open'), ledger, order, isReplyLost: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('reply'), ledger, order }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('transfer'), order, amount: fc.constantFrom(AMOUNT, AMOUNT, 1281, 99) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('notify'), ledger, order, which: fc.nat(9), inCents: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('query'), ledger, order }) },
);

/** Money that the bank booked to an account. */
interface Booked {
  readonly amount: number;
  readonly account: string;
  readonly at: Date;
}

/** What the platform and the bank know of an order number. */
interface Account {
  readonly owner: 0 | 1;
  readonly booked: Booked[];
}

/** The world outside the ledgers, and what each ledger was told of it. */
class World {
  readonly accounts = new Map<string, Account>();
  readonly ledgers = LEDGERS.map(() => new Ledger(new MemoryStore()));
  readonly events: readonly AtmEvent[][] = LEDGERS.map(() => []);
  /** The transfers that a ledger heard of, by number and order. */
  readonly told = new Map<string, Set<Booked>>();
  private readonly asked = new Set<string>();
  private readonly onTheirWay = new Set<string>();
  private seconds = 0;

  constructor() {
    for (const [i, each] of this.ledgers.entries()) each.onEvents((events) => this.events[i]?.push(...events));
  }

  async take(given: Step): Promise<void> {
    this.seconds += 1;
    switch (given.kind) {
      case 'open':
        return this.open(given);
      case 'reply':
        return this.reply(given);
      case 'transfer': {
        const account = this.accounts.get(given.order);
        const payer = `***********${String(10_000 + this.seconds)}`;
        account?.booked.push({ amount: given.amount, account: payer, at: later(this.seconds) });
        return;
      }
      case 'notify': {
        const { booked } = this.accounts.get(given.order) ?? { booked: [] };
        const transfer = booked[given.which % booked.length];
        if (!transfer) return;
        const reportedAmount = given.inCents ? `${transfer.amount}00` : `${transfer.amount}`;
        return this.tell(given, transfer, { reportedAmount, transactedAt: transfer.at }, 'notification');
      }
      case 'query': {
        const [transfer] = this.accounts.get(given.order)?.booked ?? [];
        if (transfer) await this.tell(given, transfer, { reportedAmount: `${transfer.amount}.00` }, 'query');
      }
    }
  }

  /** Every reply that is on its way arrives, and every transfer is told to the ledger that was given its account. */
  async finish(): Promise<void> {
    for (const order of ORDERS) {
      const account = this.accounts.get(order);
      if (!account) continue;
      if (this.onTheirWay.has(`${account.owner} ${order}`)) await this.reply({ ledger: account.owner, order });
      for (const which of account.booked.keys()) {
        await this.take({ kind: 'notify', ledger: account.owner, order, which, inCents: false });
      }
    }
  }

  private async open({ ledger: by, order, isReplyLost }: Extract<Step, { kind: 'open' }>): Promise<void> {
    const name = `${by} ${order}`;
    if (this.asked.has(name)) return;
    this.asked.add(name);
    const ledger = this.ledgerOf(by);
    await ledger.open({ ...opening(order), replyAwaitedUntil: later(this.seconds + 10_000) });
    const isTaken = this.accounts.has(order);
    if (!isTaken) this.accounts.set(order, { owner: by, booked: [] });
    if (isTaken) await ledger.fail(key(order), { code: '6307', message: '' }, later(this.seconds));
    else if (isReplyLost) await ledger.loseReply(key(order), later(this.seconds));
    else this.onTheirWay.add(name);
  }

  private async reply({
    ledger: to,
    order,
  }: Pick<Extract<Step, { kind: 'reply' }>, 'ledger' | 'order'>): Promise<void> {
    if (!this.onTheirWay.delete(`${to} ${order}`)) return;
    await this.ledgerOf(to).issue(key(order), ACCOUNT, later(this.seconds));
  }

  private async tell(
    { ledger: to, order }: { readonly ledger: 0 | 1; readonly order: string },
    transfer: Booked,
    said: Partial<Outcome>,
    source: 'notification' | 'query',
  ): Promise<void> {
    const payer = { bankCode: '822', account: transfer.account };
    const outcome: Outcome = { status: 'paid', code: '0000', payer, ...said };
    const name = `${to} ${order}`;
    this.told.set(name, (this.told.get(name) ?? new Set()).add(transfer));
    await this.ledgerOf(to).settle({ ...key(order), livemode: false, outcome, source, now: later(this.seconds) });
  }

  private ledgerOf(i: 0 | 1): Ledger {
    const ledger = this.ledgers[i];
    if (!ledger) throw new Error('There is no such ledger.');
    return ledger;
  }
}

/** Plays steps, and checks what must hold then. */
function always(check: (world: World) => Promise<void>): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = new World();
      for (const each of steps) await world.take(each);
      await world.finish();
      await check(world);
    }),
    { numRuns: 500 },
  );
}

describe('two ledgers with the same order numbers, and a bank', () => {
  it('credit what the bank booked to the accounts that each was given, and nothing else', () =>
    always(async (world) => {
      for (const [i, ledger] of world.ledgers.entries()) {
        for (const order of ORDERS) {
          const payment = await ledger.find(key(order));
          const account = world.accounts.get(order);
          const isMine = account?.owner === i && payment?.account !== undefined;
          const isBooked = account?.booked.some(({ amount }) => amount === AMOUNT) ?? false;
          expect(payment?.state === 'paid').toBe(isMine && isBooked);
        }
      }
    }));

  it('tell of each transfer that they heard of: one pays, and each other one is an event for a person', () =>
    always(async (world) => {
      for (const [i] of world.ledgers.entries()) {
        for (const order of ORDERS) {
          const told = [...(world.told.get(`${i} ${order}`) ?? [])].map(({ account }) => account);
          const mine = (world.events[i] ?? []).filter(({ orderNo }) => orderNo === order);
          const named = mine.flatMap((event) => {
            if (event.type === 'atm.paid') return [event.payment.payer?.account];
            if (event.type === 'atm.unknown_order') return [event.outcome.payer?.account];
            return 'transfer' in event ? [event.transfer.payer?.account] : [];
          });
          expect([...new Set(named)].sort()).toEqual([...new Set(told)].sort());
          expect(mine.filter(({ type }) => type === 'atm.paid').length).toBeLessThanOrEqual(1);
          expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length);
        }
      }
      await Promise.resolve();
    }));
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ATM_EVENT_TYPES } from '../../events.js';
import type { Payment, PaymentKey, PaymentState } from '../../payment.js';
import type * as store from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { MemoryStore } from '../memory/memory-store.js';
import { loadDriver } from './driver.js';
import { openLedgerFile } from './ledger-file.js';
import { SqliteStore } from './sqlite-store.js';

const START = Date.parse('2026-03-01T04:00:00.000Z');
const HOUR = 3_600_000;
const STATES: readonly PaymentState[] = ['opening', 'pending', 'paid', 'failed', 'closed', 'expired'];

/** What a test knows of a store besides: the orders as they were read last, and what it has claimed. */
interface Held {
  made: number;
  readonly orders: Map<string, store.OrderRecord | undefined>;
  claims: readonly store.StoredDelivery[];
  checks: readonly (PaymentKey & { readonly at: Date })[];
}

/** Does one thing to a store at a given hour, and tells what came of it. */
type Step = (store: store.LedgerStore, hour: number, held: Held) => Promise<unknown>;

const key = fc.record({ merchantNo: fc.constantFrom('M1', 'M2'), orderNo: fc.constantFrom('A1', 'A2', 'A3') });
const state = fc.constantFrom(...STATES);
const type = fc.constantFrom(...ATM_EVENT_TYPES.slice(1, 4));
const handler = fc.constantFrom('A', 'B');
const subscription = fc.record({ handler, type });
const merchant = fc.option(fc.constantFrom('M1', 'M2'), { nil: undefined });
const hours = fc.nat(20);

const outcome = fc.record({
  digest: fc.constantFrom('d1', 'd2', 'd3'),
  source: fc.constantFrom<store.OutcomeSource>('query', 'notification'),
  change: fc.option(fc.record({ from: fc.constant<PaymentState>('pending'), to: state }), { nil: undefined }),
});
const check: fc.Arbitrary<(hour: number) => store.CheckChange> = fc.oneof(
  fc
    .tuple(fc.nat(9), fc.nat(3))
    .map(([after, failures]) => (hour: number) => ({ set: { at: at(hour + after), failures } })),
  fc.nat(9).map((after) => (hour: number) => ({ by: at(hour + after) })),
  fc.constant(() => 'remove' as const),
);

/** A change as the kernel makes them: of an order as it was read, which may be long ago. */
const change = fc.record({
  about: key,
  state: fc.option(state, { nil: undefined }),
  mismatched: fc.boolean(),
  remove: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
  note: fc.integer({ max: 4, min: 0 }).map((n) => n === 0),
  check: fc.option(check, { nil: undefined }),
  outcomes: fc.array(outcome, { maxLength: 1 }),
  types: fc.array(type, { maxLength: 2 }),
});

type Draft = typeof change extends fc.Arbitrary<infer T> ? T : never;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.uniqueArray(change, { maxLength: 3, minLength: 1, selector: ({ about }) => nameOf(about) }).map(
      (drafts): Step =>
        (store, hour, held) =>
          store.commit(drafts.map((draft) => toChange(draft, hour, held))),
    ),
  },
  key.map((about): Step => async (store, _hour, { orders }) => {
    const [record] = await store.load([about]);
    orders.set(nameOf(about), record);
    return record;
  }),
  {
    weight: 2,
    arbitrary: fc
      .record(
        {
          add: fc.uniqueArray(subscription, { maxLength: 2 }),
          seen: fc.array(subscription, { maxLength: 1 }),
          adopt: hours,
        },
        { requiredKeys: [] },
      )
      .map(({ adopt, ...asked }): Step => async (store, hour) => {
        const since = adopt === undefined ? {} : { adoptSince: at(adopt) };
        return sorted(await store.subscribe({ ...asked, ...since, now: at(hour) }));
      }),
  },
  fc.tuple(subscription, hours, hours).map(([asked, from, long]): Step => async (store, hour) => {
    const backfill = { subscription: asked, from: at(from), to: at(from + long) };
    return sorted(await store.subscribe({ backfill, now: at(hour) }));
  }),
  fc.tuple(handler, fc.nat(3)).map(([retire, n]): Step => async (store, hour) => {
    return n === 0 && sorted(await store.subscribe({ retire, now: at(hour) }));
  }),
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.uniqueArray(subscription, { minLength: 1 }), fc.boolean())
      .map(([subscriptions, peek]): Step => async (store, hour, held) => {
        const claim = { subscriptions: distinct(subscriptions), now: at(hour), leaseUntil: at(hour + 2) };
        const claimed = await store.claimDeliveries({ ...claim, limit: peek ? 0 : 100 });
        const deliveries = claimed.deliveries.toSorted(byKey);
        held.claims = [...held.claims, ...deliveries];
        return { ...claimed, deliveries: deliveries.map(withoutPosition) };
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        which: fc.nat(),
        end: fc.constantFrom<'delivered' | 'pending' | 'dead' | 'renew'>('delivered', 'pending', 'dead', 'renew'),
        attempts: fc.option(fc.nat(2), { nil: undefined }),
      })
      .map(({ which, end, attempts }): Step => async (store, hour, { claims }) => {
        const claimed = claims[which % claims.length];
        return claimed && store.changeDeliveries([toDeliveryChange(claimed, end, hour, attempts)]);
      }),
  },
  fc.tuple(key, fc.nat(3), handler).map(
    ([about, seq, to]): Step =>
      (store, hour) =>
        store.changeDeliveries([{ ...about, seq, handler: to, state: 'pending', dueAt: at(hour), attempts: 0 }]),
  ),
  fc
    .record(
      {
        state: fc.constantFrom<store.DeliveryState>('pending', 'running', 'delivered', 'dead'),
        handler,
        type,
        from: hours.map(at),
        to: hours.map(at),
      },
      { requiredKeys: [] },
    )
    .map((query): Step => async (store, hour) => {
      const deliveries = await store.listDeliveries({ ...query, limit: 100, now: at(hour) });
      const positions = deliveries.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted((a, b) => b - a));
      return deliveries.toSorted(byKey).map(withoutPosition);
    }),
  fc.tuple(fc.uniqueArray(state), hours).map(
    ([states, before]): Step =>
      (store) =>
        store.purge(states, at(before), 100),
  ),
  fc
    .record(
      { merchantNo: merchant, states: fc.uniqueArray(state), createdFrom: hours.map(at), createdBefore: hours.map(at) },
      { requiredKeys: [] },
    )
    .map(({ merchantNo, ...query }): Step => {
      return (store) => pages(store, { ...query, ...(merchantNo === undefined ? {} : { merchantNo }), limit: 2 });
    }),
  fc
    .record({ long: fc.nat(3), merchantNo: merchant })
    .map(({ long, merchantNo }): Step => async (store, hour, held) => {
      const ofMerchant = merchantNo === undefined ? {} : { merchantNo };
      const leaseUntil = at(hour + long);
      const claimed = await store.claimChecks({
        now: at(hour),
        leaseUntil,
        limit: long === 0 ? 0 : 100,
        ...ofMerchant,
      });
      const checks = claimed.checks.toSorted((a, b) => byName(a.payment, b.payment));
      held.checks = [...held.checks, ...checks.map(({ payment }) => ({ ...payment, at: leaseUntil }))];
      return { ...claimed, checks };
    }),
  fc.tuple(fc.nat(), check).map(([which, next]): Step => async (store, hour, { checks }) => {
    const claimed = checks[which % checks.length];
    if (!claimed) return undefined;
    const { merchantNo, orderNo, at: expectedCheckAt } = claimed;
    return store.commit([{ merchantNo, orderNo, expectedCheckAt, check: next(hour) }]);
  }),
  fc.tuple(hours, hours, merchant).map(
    ([from, long, merchantNo]): Step =>
      (store) =>
        store.count({ from: at(from), to: at(from + long), ...(merchantNo === undefined ? {} : { merchantNo }) }),
  ),
  fc
    .record({ name: fc.constantFrom('a', 'b'), holder: fc.constantFrom('x', 'y'), long: fc.nat(5), drop: fc.boolean() })
    .map(
      ({ name, holder, long, drop }): Step =>
        (store, hour) =>
          store.lease({ name, holder, now: at(hour), ...(drop ? {} : { until: at(hour + long) }) }),
    ),
  key.map((about): Step => async (store) => {
    const { outcomes, deliveries, ...history } = await store.history(about);
    const byDigest = outcomes.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
    return { ...history, outcomes: byDigest, deliveries: deliveries.toSorted(byKey).map(withoutPosition) };
  }),
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
});

afterAll(() => rm(folder, { recursive: true }));

it('does what the memory store does, whatever is asked of both', async () => {
  const driver = await loadDriver();
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const file = join(folder, `${(opened += 1)}.db`);
      const sqlite = new SqliteStore(file, (path) => Promise.resolve(openLedgerFile(driver, path)));
      await sqlite.start();
      const memory = new MemoryStore();
      const held = [nothing(), nothing()] as const;
      try {
        for (const [n, take] of steps.entries()) {
          const wanted = await take(memory, Math.floor(n / 3), held[0]);
          expect(await take(sqlite, Math.floor(n / 3), held[1])).toEqual(wanted);
        }
      } finally {
        await sqlite.stop();
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

function toChange(draft: Draft, hour: number, held: Held): store.OrderChange {
  const { about, state: becomes, mismatched, remove, note, types } = draft;
  const record = held.orders.get(nameOf(about));
  const plan = draft.check ? { check: draft.check(hour) } : {};
  const outcomes = draft.outcomes.map(({ change: made, digest, source }) => ({
    // What changes a payment is news, and an order without one is not changed.
    ...(made && becomes ? { change: made, digest: `d${held.made++}` } : { digest }),
    source,
    outcome: { status: 'paid' as const, code: '0000' },
    ...{ firstSeenAt: at(hour), lastSeenAt: at(hour), count: 1 },
  }));
  if (note) return { ...about, outcomes: becomes ? [] : outcomes, ...plan };
  const expectedVersion = record?.version ?? 0;
  if (remove) return { ...about, expectedVersion, remove };
  const seq = record?.eventCount ?? 0;
  const events = types.map((named, n): StoredEvent => {
    const details = { late: true, paidAt: at(hour) };
    return { id: `e${seq + n}`, seq: seq + n, type: named, occurredAt: at(hour), livemode: false, details };
  });
  const createdAt = record?.payment?.createdAt ?? at(hour);
  const head = { ...about, amount: 1280, livemode: true, createdAt, updatedAt: at(hour) };
  const content = becomes
    ? { payment: { ...head, state: becomes, ...(mismatched ? { otherTransfers: [{ reportedAmount: '7' }] } : {}) } }
    : record?.payment
      ? {}
      : {
          unknown: {
            transfers: [{ reportedAmount: '7' }],
            codes: ['5805'],
            firstSeenAt: record?.unknown?.firstSeenAt ?? at(hour),
            updatedAt: at(hour),
          },
        };
  return { ...about, expectedVersion, ...content, ...plan, outcomes, events };
}

function toDeliveryChange(
  { merchantNo, orderNo, seq, handler: to, claim }: store.StoredDelivery,
  end: 'delivered' | 'pending' | 'dead' | 'renew',
  hour: number,
  attempts: number | undefined,
): store.DeliveryChange {
  const claimed = { merchantNo, orderNo, seq, handler: to, expectedClaim: claim };
  if (end === 'renew') return { ...claimed, state: 'pending', dueAt: at(hour + 2), renew: true };
  return {
    ...claimed,
    state: end,
    dueAt: at(end === 'pending' ? hour + 1 : hour),
    ...(attempts === undefined ? {} : { attempts }),
    ...(end === 'delivered' ? {} : { failure: 'no luck' }),
    ...(end === 'pending' ? {} : { finishedAt: at(hour) }),
  };
}

async function pages(ledger: store.LedgerStore, query: store.PaymentQuery): Promise<readonly Payment[]> {
  const found = (await ledger.listOrders(query)).filter((order) => 'state' in order);
  const page = found.slice(0, query.limit);
  const last = page.at(-1);
  return last && found.length > query.limit ? [...page, ...(await pages(ledger, { ...query, after: last }))] : page;
}

function nothing(): Held {
  return { made: 9, orders: new Map(), claims: [], checks: [] };
}

function sorted({ subscriptions, added }: store.Subscriptions): store.Subscriptions {
  const byHandler = (one: store.Subscription): string => `${one.handler} ${one.type}`;
  return { subscriptions: subscriptions.toSorted((a, b) => (byHandler(a) < byHandler(b) ? -1 : 1)), added };
}

function distinct(subscriptions: readonly store.Subscription[]): readonly store.Subscription[] {
  return [...new Map(subscriptions.map((one) => [`${one.handler} ${one.type}`, one])).values()];
}

/** Two stores may number what is added at the same time in different orders. */
function withoutPosition<Of extends { readonly position: number }>({ position: _, ...rest }: Of): Omit<Of, 'position'> {
  return rest;
}

function byKey(a: store.DeliveryKey, b: store.DeliveryKey): number {
  return byName(a, b) || a.handler.localeCompare(b.handler) || a.seq - b.seq;
}

function byName(a: PaymentKey, b: PaymentKey): number {
  return nameOf(a).localeCompare(nameOf(b));
}

function nameOf({ merchantNo, orderNo }: PaymentKey): string {
  return `${merchantNo} ${orderNo}`;
}

function at(hour: number): Date {
  return new Date(START + hour * HOUR);
}

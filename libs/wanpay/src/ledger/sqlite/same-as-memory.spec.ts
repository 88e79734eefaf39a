import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { VirtualAccount } from '../../protocol/index.js';
import type { DueCheck, Ledger, OwedEvent, PaymentFilter } from '../ledger.js';
import { MemoryLedger } from '../memory/memory-ledger.js';
import type { Payment, PaymentState } from '../payment.js';
import { loadDriver } from './driver.js';
import { SqliteLedger } from './sqlite-ledger.js';

const START = Date.parse('2026-03-01T04:00:00.000Z');
const HOUR = 3_600_000;
const ACCOUNT: VirtualAccount = {
  number: '46710722851832',
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
  expiresAt: at(5),
};
const FAILURE = { handlers: ['A'], message: 'no luck' };

/** What somebody holds. */
interface Claims {
  readonly events: Map<string, OwedEvent>;
  checks: readonly DueCheck[];
}

/** Does one thing to a ledger at a given hour, and tells what came of it. */
type Step = (ledger: Ledger, hour: number, claimed: Claims) => Promise<unknown>;

const key = fc.record({ merchantNo: fc.constantFrom('M1', 'M2'), orderNo: fc.constantFrom('A1', 'A2', 'A3') });
const outcome = fc.constantFrom(
  { status: 'paid', code: '0000', reportedAmount: '1280' } as const,
  { status: 'paid', code: '0000', reportedAmount: '7' } as const,
  { status: 'paid', code: '0000' } as const,
  { status: 'unpaid', code: '5801' } as const,
  { status: 'closed', code: '5803' } as const,
  { status: 'failed', code: '5805' } as const,
);
const inHours = fc.option(fc.nat(9), { nil: undefined });
const states = fc.uniqueArray(
  fc.constantFrom<PaymentState>('opening', 'pending', 'paid', 'failed', 'closed', 'expired'),
);
const filter: fc.Arbitrary<PaymentFilter> = fc.record(
  {
    merchantNo: fc.constantFrom('M1', 'M2'),
    states,
    createdFrom: fc.nat(20).map(at),
    createdBefore: fc.nat(20).map(at),
    limit: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(key, inHours).map(
    ([about, hours]): Step =>
      (ledger, hour) =>
        ledger.open(intent(about, hour), after(hour, hours)),
  ),
  fc.tuple(key, inHours).map(
    ([about, hours]): Step =>
      (ledger, hour) =>
        ledger.issue(about, ACCOUNT, at(hour), after(hour, hours)),
  ),
  key.map(
    (about): Step =>
      (ledger) =>
        ledger.withdraw(about),
  ),
  fc
    .record({
      about: key,
      said: outcome,
      source: fc.constantFrom('query', 'notification'),
      mustConfirm: fc.boolean(),
    })
    .map(
      ({ about, said, source, mustConfirm }): Step =>
        (ledger, hour) =>
          ledger.settle({ ...about, livemode: false, outcome: said, source, mustConfirm, now: at(hour) }),
    ),
  fc.constant<Step>(async (ledger, hour, claimed) => {
    const owed = await ledger.claim(at(hour), at(hour + 2), 100);
    for (const each of owed) claimed.events.set(each.event.id, each);
    return byId(owed);
  }),
  fc
    .record({
      which: fc.nat(),
      end: fc.constantFrom('done', 'again', 'given up', 'released'),
      handler: fc.constantFrom('A', 'B'),
    })
    .map(({ which, end, handler }): Step => async (ledger, hour, claimed) => {
      const ids = [...claimed.events.keys()].sort();
      const owed = claimed.events.get(ids[which % ids.length] ?? '');
      if (!owed) return undefined;
      if (end === 'released') return ledger.release(owed);
      const retryAt = end === 'again' ? { retryAt: at(hour + 1) } : {};
      const failure = end === 'done' ? {} : { failure: FAILURE };
      return ledger.recordAttempt(owed, { handled: [handler], now: at(hour), ...failure, ...retryAt });
    }),
  fc.constant<Step>(async (ledger, hour) => {
    const letters = await ledger.deadLetters();
    const [id] = letters.map(({ event }) => event.id).sort();
    return id !== undefined && ledger.replay(id, at(hour));
  }),
  fc.nat(20).map(
    (before): Step =>
      (ledger) =>
        ledger.purge(at(before), 100),
  ),
  filter.map(
    (wanted): Step =>
      (ledger) =>
        pages(ledger, wanted),
  ),
  fc.constant<Step>((ledger) => ledger.nextDue()),
  fc
    .record({ hours: fc.integer({ min: 1, max: 3 }), merchantNo: fc.option(fc.constantFrom('M1', 'M2')) })
    .map(({ hours, merchantNo }): Step => async (ledger, hour, claimed) => {
      const checks = await ledger.claimChecks(at(hour), at(hour + hours), 100, merchantNo ?? undefined);
      claimed.checks = [...claimed.checks, ...checks.toSorted(byPayment)];
      return checks.toSorted(byPayment);
    }),
  fc
    .record({ which: fc.nat(), hours: inHours, failures: fc.nat(3) })
    .map(({ which, hours, failures }): Step => async (ledger, hour, claimed) => {
      const check = claimed.checks[which % claimed.checks.length];
      const next = hours === undefined ? { failures } : { at: at(hour + hours), failures };
      return check && ledger.scheduleCheck(check, next);
    }),
  key.map(
    (about): Step =>
      (ledger, hour) =>
        ledger.requestCheck(about, at(hour)),
  ),
  fc.option(fc.constantFrom('M1', 'M2')).map(
    (merchantNo): Step =>
      (ledger) =>
        ledger.nextCheckDue(merchantNo ?? undefined),
  ),
  fc.tuple(fc.nat(20), fc.nat(20), fc.option(fc.constantFrom('M1', 'M2'))).map(
    ([from, hours, merchantNo]): Step =>
      (ledger) =>
        ledger.summarize({ from: at(from), to: at(from + hours), ...(merchantNo === null ? {} : { merchantNo }) }),
  ),
  fc
    .record({
      name: fc.constantFrom('a', 'b'),
      holder: fc.constantFrom('x', 'y'),
      hours: fc.nat(5),
      drop: fc.boolean(),
    })
    .map(
      ({ name, holder, hours, drop }): Step =>
        (ledger, hour) =>
          drop ? ledger.dropLease(name, holder) : ledger.takeLease(name, holder, at(hour), at(hour + hours)),
    ),
  key.map(
    (about): Step =>
      async (ledger) =>
        (await ledger.timeline(about)).map((entry) => JSON.stringify(entry)).sort(),
  ),
);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanpay-sqlite-'));
});

afterAll(() => rm(folder, { recursive: true }));

it('does what the memory ledger does, whatever is asked of both', async () => {
  const driver = await loadDriver();
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const sqlite = new SqliteLedger(join(folder, `${(opened += 1)}.db`), () => Promise.resolve(driver));
      await sqlite.start();
      const memory = new MemoryLedger();
      const claimed = [noClaims(), noClaims()] as const;
      const told: [string[], string[]] = [[], []];
      memory.onEventsOwed((ids) => told[0].push(...ids));
      sqlite.onEventsOwed((ids) => told[1].push(...ids));
      try {
        for (const [hour, take] of steps.entries()) {
          const wanted = await take(memory, Math.floor(hour / 3), claimed[0]);
          expect(await take(sqlite, Math.floor(hour / 3), claimed[1])).toEqual(wanted);
        }
        expect(told[1]).toEqual(told[0]);
      } finally {
        await sqlite.stop();
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

async function pages(ledger: Ledger, wanted: PaymentFilter): Promise<readonly Payment[]> {
  const { payments, next } = await ledger.list(wanted);
  return next === undefined ? payments : [...payments, ...(await pages(ledger, { ...wanted, after: next }))];
}

function noClaims(): Claims {
  return { events: new Map(), checks: [] };
}

function byPayment({ payment: a }: DueCheck, { payment: b }: DueCheck): number {
  return `${a.merchantNo} ${a.orderNo}` < `${b.merchantNo} ${b.orderNo}` ? -1 : 1;
}

function byId(owed: readonly OwedEvent[]): readonly OwedEvent[] {
  return owed.toSorted((a, b) => (a.event.id < b.event.id ? -1 : 1));
}

function intent(about: { merchantNo: string; orderNo: string }, hour: number): Payment {
  return { ...about, amount: 1280, livemode: false, state: 'opening', createdAt: at(hour), updatedAt: at(hour) };
}

function after(hour: number, hours: number | undefined): Date | undefined {
  return hours === undefined ? undefined : at(hour + hours);
}

function at(hour: number): Date {
  return new Date(START + hour * HOUR);
}

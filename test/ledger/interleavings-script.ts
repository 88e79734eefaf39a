import fc from 'fast-check';
import { ATM_EVENT_TYPES, type Subscription } from 'nestjs-wanpay/ledger';
import type { Outcome } from 'nestjs-wanpay/protocol';
import { DEADLINE, type Operation } from './interleavings-model.js';

/** The orders that scripts are about. */
export const ORDERS = ['A1', 'A2', 'A3'];

const SHIP: Subscription = { handler: 'Shipping.ship', type: 'atm.paid' };
const MAIL_ISSUED: Subscription = { handler: 'Mail.send', type: 'atm.issued' };
const MAIL_PAID: Subscription = { handler: 'Mail.send', type: 'atm.paid' };
const AUDIT = ATM_EVENT_TYPES.map((type): Subscription => ({ handler: 'Audit.note', type }));
const DESK: readonly Subscription[] = [
  { handler: 'Desk.show', type: 'atm.unknown_order' },
  { handler: 'Desk.show', type: 'atm.amount_mismatch' },
  { handler: 'Desk.show', type: 'atm.paid' },
];

/** The handlers that a process may have: none in a script, and others in each version of an application. */
export const ROLES: readonly (readonly Subscription[])[] = [
  [],
  [SHIP],
  [MAIL_ISSUED, MAIL_PAID, SHIP],
  [MAIL_PAID, ...DESK],
  AUDIT,
];
/** Every subscription that a role has. */
export const SUBSCRIPTIONS = [...new Set(ROLES.flat())];
/** Every handler that a role has. */
export const HANDLERS = [...new Set(SUBSCRIPTIONS.map(({ handler }) => handler))];

/** An operation on an order, and the process that does it. */
export interface Done {
  readonly order: string;
  readonly operation: Operation;
  readonly by: number;
}

/** What happens beside a burst. */
export type Beside =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'claim'; readonly by: number }
  /** A process ends and starts again: a crash, or with another role a rollout. */
  | { readonly kind: 'restart'; readonly by: number; readonly role: number | undefined }
  | { readonly kind: 'retire'; readonly handler: string; readonly by: number };

/** One thing that happens. */
export type Step =
  /** Operations that run at once. Each process offers so many places for deliveries with each commit. */
  | { readonly kind: 'burst'; readonly all: readonly Done[]; readonly beside: Beside; readonly places: number }
  | { readonly kind: 'claim'; readonly by: readonly number[]; readonly limit: number }
  /** What becomes of a claim; several times at once, if it is told so. */
  | {
      readonly kind: 'end';
      readonly which: number;
      readonly how: 'succeeded' | 'transacted' | 'retried' | 'buried' | 'released' | 'renewed';
      readonly seconds: number;
      readonly times: number;
    }
  | {
      readonly kind: 'replay';
      readonly which: number;
      readonly state: 'dead' | 'delivered';
      readonly by: readonly number[];
    }
  | { readonly kind: 'replayAll'; readonly state: 'dead' | 'delivered'; readonly handler: string; readonly by: number }
  /** The handlers of some processes are made known at once, or said to be there still. */
  | { readonly kind: 'subscribe' | 'refresh'; readonly by: readonly number[] }
  | {
      readonly kind: 'backfill';
      readonly subscription: Subscription;
      readonly age: number;
      readonly by: readonly number[];
    }
  | { readonly kind: 'check'; readonly by: readonly number[]; readonly limit: number }
  /** What becomes of a check that was claimed; several times at once, if it is told so. */
  | {
      readonly kind: 'schedule';
      readonly which: number;
      readonly seconds: number | undefined;
      readonly failures: number;
      readonly times: number;
    }
  | Exclude<Beside, { kind: 'nothing' | 'claim' }>
  | { readonly kind: 'purge'; readonly age: number }
  | { readonly kind: 'wait'; readonly seconds: number };

/** What each process has at first, and what happens, one after the other. */
export interface Script {
  readonly roles: readonly number[];
  readonly steps: readonly Step[];
}

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
const by = fc.nat(2);
const bys = fc.array(by, { minLength: 1, maxLength: 3 });
const role = fc.nat(ROLES.length - 1);
const handler = fc.constantFrom(...HANDLERS);
const state = fc.constantFrom('dead', 'dead', 'delivered');
const one = fc.record({ order, operation, by }).map((done) => [done]);
const duplicates = fc
  .record({ order, operation, bys: fc.array(by, { minLength: 2, maxLength: 4 }) })
  .map((given) => given.bys.map((each): Done => ({ order: given.order, operation: given.operation, by: each })));
const rivals = fc
  .record({ order, all: fc.array(fc.record({ operation, by }), { minLength: 2, maxLength: 4 }) })
  .map((given) => given.all.map((each): Done => ({ order: given.order, ...each })));
const strangers = fc.array(fc.record({ order, operation, by }), { minLength: 2, maxLength: 4 });

const restart = fc.record({ kind: fc.constant('restart'), by, role: fc.option(role, { nil: undefined }) });
const retire = fc.record({ kind: fc.constant('retire'), handler, by });
const beside: fc.Arbitrary<Beside> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'nothing' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim'), by }) },
  { weight: 2, arbitrary: restart },
  { weight: 1, arbitrary: retire },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('burst'),
      all: fc.oneof({ weight: 4, arbitrary: one }, duplicates, rivals, strangers),
      beside,
      places: fc.constantFrom(0, 0, 1, 100),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('claim'), by: bys, limit: fc.constantFrom(1, 100, 100) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('end'),
      which: fc.nat(9),
      how: fc.constantFrom('succeeded', 'succeeded', 'transacted', 'retried', 'buried', 'released', 'renewed'),
      seconds: fc.constantFrom(1, 30, 7200),
      times: fc.constantFrom(1, 1, 3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay'), which: fc.nat(3), state, by: bys }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replayAll'), state, handler, by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('subscribe', 'refresh'), by: bys }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('backfill'),
      subscription: fc.constantFrom(...SUBSCRIPTIONS),
      age: fc.constantFrom(60, DEADLINE, 3 * DEADLINE),
      by: bys,
    }),
  },
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
  { weight: 2, arbitrary: restart },
  { weight: 1, arbitrary: retire },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge'), age: fc.constantFrom(0, 60, 3600) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait'), seconds: fc.constantFrom(1, 5, 599, 600, 7200, DEADLINE) }),
  },
);

/** Any script. */
export const script: fc.Arbitrary<Script> = fc.record({
  roles: fc.array(role, { minLength: 3, maxLength: 3 }),
  steps: fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }),
});

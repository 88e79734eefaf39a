import type { AtmEventType, OutcomeSource, PaymentState } from 'nestjs-wanpay/ledger';
import type { Outcome } from 'nestjs-wanpay/protocol';
import { type EventModel, recordedEvent } from './interleavings-deliveries.js';

/** When the account expires, in seconds since the start. */
export const DEADLINE = 86_400;
const GRACE = 3600;
const DAY = 86_400;
/** What of its day in Taipei is over at the start. */
const NOON = DAY / 2;
/** How long an account can be valid that is not known, in days. */
const LONGEST = 30;
/** How the amount that is asked for may be written. */
export const RIGHT_AMOUNTS = ['1280', '1280.00', '128000'];
/** A check is brought forward once in so many seconds. */
const EXPEDITE_EVERY = 300;

/** Something done to one order. */
export type Operation =
  | { readonly kind: 'withdraw' | 'request' }
  /** `checkIn`: after how many seconds its check is due, if that is said. */
  | { readonly kind: 'open' | 'issue'; readonly checkIn: number | undefined }
  | {
      readonly kind: 'report';
      readonly outcome: Outcome;
      readonly source: OutcomeSource;
      readonly mustConfirm: boolean;
    };

/** When an order's check is due, in seconds since the start. */
export interface Check {
  readonly at: number;
  readonly failures: number;
}

/** An outcome, and how often it was reported. */
interface Said {
  readonly name: string;
  readonly from: string;
  readonly count: number;
}

/** What must be true of an order: a specification of its own, which shares no code with the ledger. */
export interface OrderModel {
  /** Undefined when the ledger does not have the payment. */
  readonly state: PaymentState | undefined;
  readonly hasAccount: boolean;
  /** The amounts of the transfers that did not pay it. */
  readonly otherTransfers: readonly string[];
  /** What was told of an order without a payment: amounts of transfers, and codes. */
  readonly told: readonly string[];
  /** When its check was last brought forward, or will be. */
  readonly expeditedAt: number | undefined;
  readonly openedAt: number;
  readonly touchedAt: number;
  readonly check: Check | undefined;
  /** What was said of it. */
  readonly said: readonly Said[];
  readonly events: readonly EventModel[];
}

export const NO_ORDER: OrderModel = {
  state: undefined,
  hasAccount: false,
  otherTransfers: [],
  told: [],
  expeditedAt: undefined,
  openedAt: 0,
  touchedAt: 0,
  check: undefined,
  said: [],
  events: [],
};

/** The order after an operation. Its new events have no deliveries yet. */
export function after(order: OrderModel, operation: Operation, now: number): OrderModel {
  switch (operation.kind) {
    case 'open':
      if (order.state !== undefined) return order;
      return {
        ...order,
        state: 'opening',
        told: [],
        openedAt: now,
        touchedAt: now,
        check: planned(operation.checkIn, now),
      };
    case 'withdraw':
      if (order.state !== 'opening') return order;
      if (order.events.length === 0) return NO_ORDER;
      return order;
    case 'request':
      return mayBePaid(order) ? asked(order, now) : order;
    case 'issue': {
      if (order.state === undefined) return order;
      const checked = operation.checkIn === undefined ? order : expedited(order, now + operation.checkIn);
      const issued = { ...(mayBePaid(order) ? checked : order), hasAccount: true, touchedAt: now };
      return order.hasAccount ? issued : credited(issued, now);
    }
    case 'report': {
      const { outcome, source, mustConfirm } = operation;
      const isDoubted = outcome.status === 'paid' && (mustConfirm || outcome.reportedAmount === undefined);
      const told =
        isDoubted && mayBePaid(order)
          ? source === 'notification'
            ? asked(order, now)
            : order
          : afterReport(order, outcome, now);
      return saying(told, operation, order.state);
    }
  }
}

/** All that may come of operations done at once, of which some `may` not have been done at all. */
export function afterBurst(
  order: OrderModel,
  done: readonly Operation[],
  may: readonly Operation[],
  now: number,
): readonly OrderModel[] {
  const ended = done.length === 0 ? [order] : [];
  const next = (from: readonly Operation[], i: number): readonly [OrderModel, readonly Operation[]][] => {
    const operation = from[i];
    return operation ? [[after(order, operation, now), from.filter((_, other) => other !== i)]] : [];
  };
  return [
    ...ended,
    ...done.flatMap((_, i) => next(done, i).flatMap(([model, rest]) => afterBurst(model, rest, may, now))),
    ...may.flatMap((_, i) => next(may, i).flatMap(([model, rest]) => afterBurst(model, done, rest, now))),
  ];
}

/** Whether the order is over, or unknown, and nothing of it is left to deliver. */
export function isPurgeable({ state, touchedAt, said, events }: OrderModel, before: number): boolean {
  const isOver = state === undefined ? said.length > 0 : hasEnded(state);
  const deliveries = events.flatMap((event) => event.deliveries);
  return isOver && touchedAt < before && deliveries.every((delivery) => delivery.state === 'delivered');
}

/** Whether a payment is there that may still be found paid. */
export function mayBePaid({ state }: OrderModel): boolean {
  return state !== undefined && state !== 'paid';
}

function planned(checkIn: number | undefined, now: number): Check | undefined {
  return checkIn === undefined ? undefined : { at: now + checkIn, failures: 0 };
}

/** Its check is brought forward, but not twice in five minutes. */
function asked(order: OrderModel, now: number): OrderModel {
  const { expeditedAt = Number.NEGATIVE_INFINITY } = order;
  if (expeditedAt > now) return order;
  const at = Math.max(now, expeditedAt + EXPEDITE_EVERY);
  return { ...expedited(order, at), expeditedAt: at };
}

function expedited(order: OrderModel, latest: number): OrderModel {
  const { at, failures } = order.check ?? { at: latest, failures: 0 };
  return { ...order, check: { at: Math.min(at, latest), failures } };
}

function afterReport(order: OrderModel, { status, code, reportedAmount }: Outcome, now: number): OrderModel {
  const { state, hasAccount, openedAt, otherTransfers } = order;
  const amount = reportedAmount === undefined || RIGHT_AMOUNTS.includes(reportedAmount) ? 'right' : reportedAmount;
  if (state === undefined) {
    const name = reportedAmount === undefined ? code : amount;
    if (order.told.includes(name)) return order;
    const unknown = { ...order, told: [...order.told, name] };
    return recording(unknown, 'atm.unknown_order', `unknown_order ${code} ${reportedAmount ?? ''}`, now);
  }
  if (status === 'paid') {
    if (reportedAmount === undefined || otherTransfers.includes(amount)) return order;
    if (state === 'paid' && amount === 'right') return order;
    if (state !== 'paid' && hasAccount && amount === 'right') {
      const paid: OrderModel = { ...order, state: 'paid', check: undefined };
      return recording(paid, 'atm.paid', hasEnded(state) ? 'paid late' : 'paid', now);
    }
    const aside = { ...order, otherTransfers: [...otherTransfers, amount] };
    const type = state === 'paid' ? 'duplicate_payment' : hasAccount ? 'amount_mismatch' : 'unclaimed_payment';
    return recording(aside, `atm.${type}`, `${type} ${reportedAmount}`, now);
  }
  if (hasEnded(state)) return order;
  const sinceDeadline = now - (hasAccount ? DEADLINE : latestDeadline(openedAt));
  const ended =
    status === 'failed'
      ? 'failed'
      : status === 'closed'
        ? sinceDeadline > 0
          ? 'expired'
          : 'closed'
        : status === 'unpaid' && sinceDeadline > GRACE
          ? 'expired'
          : undefined;
  return ended ? recording({ ...order, state: ended }, `atm.${ended}`, ended, now) : order;
}

/** A payment's account came: the money that nobody could claim before is its own. */
function credited(order: OrderModel, now: number): OrderModel {
  const others = order.otherTransfers.filter((amount) => amount !== 'right');
  const isPaid = others.length < order.otherTransfers.length;
  const fact = hasEnded(order.state) ? 'paid late' : 'paid';
  const issued: OrderModel = isPaid
    ? { ...order, state: 'paid', check: undefined }
    : order.state === 'opening'
      ? recording({ ...order, state: 'pending' }, 'atm.issued', 'issued', now)
      : order;
  return order.otherTransfers.reduce<OrderModel>(
    (known, amount, i) => {
      if (amount === 'right') return recording(known, 'atm.paid', fact, now);
      const isAfter = order.otherTransfers.slice(0, i).includes('right');
      const type = isAfter ? 'duplicate_payment' : 'amount_mismatch';
      return recording(known, `atm.${type}`, `${type} ${amount}`, now);
    },
    { ...issued, otherTransfers: others },
  );
}

/** The same outcome again, with the same result, is counted. */
function saying(
  order: OrderModel,
  { source, outcome: { code, reportedAmount } }: Extract<Operation, { kind: 'report' }>,
  before: PaymentState | undefined,
): OrderModel {
  const name = `${source} ${code} ${reportedAmount ?? ''} ${order.state ?? 'none'}`;
  const known = order.said.find((said) => said.name === name);
  const others = order.said.filter((said) => said.name !== name);
  const from = known?.from ?? before ?? 'none';
  return { ...order, said: [...others, { name, from, count: (known?.count ?? 0) + 1 }] };
}

/** The last second of the last day on which an account that was asked for at `openedAt` can be paid. */
function latestDeadline(openedAt: number): number {
  const day = Math.floor((NOON + openedAt) / DAY);
  return (day + LONGEST + 1) * DAY - 1 - NOON;
}

/** A fact is recorded once, whatever comes after. */
function recording(order: OrderModel, type: AtmEventType, fact: string, now: number): OrderModel {
  if (order.events.some((event) => event.fact === fact)) return order;
  return { ...order, touchedAt: now, events: [...order.events, recordedEvent(type, fact, now)] };
}

function hasEnded(state: PaymentState | undefined): boolean {
  return state !== undefined && state !== 'opening' && state !== 'pending';
}

import type { EventOwed, Outcome, OutcomeSource, PaymentState } from 'nestjs-wanpay';

/** When the account expires, in seconds since the start. */
export const DEADLINE = 86_400;
const GRACE = 3600;
const DAY = 86_400;
/** What of its day in Taipei is over at the start. */
const NOON = DAY / 2;
/** How long an account can be valid that is not known, in days. */
const LONGEST = 30;
const RIGHT_AMOUNTS = ['1280', '1280.00', '128000'];

/** Something done to one order. */
export type Operation =
  | { readonly kind: 'withdraw' | 'request' }
  /** `checkIn`: after how many seconds it is to be asked after, if that is said. */
  | { readonly kind: 'open' | 'issue'; readonly checkIn: number | undefined }
  | {
      readonly kind: 'report';
      readonly outcome: Outcome;
      readonly source: OutcomeSource;
      readonly mustConfirm: boolean;
    };

/** When an order is to be asked after, in seconds since the start. */
export interface Check {
  readonly at: number;
  readonly failures: number;
}

/** An event that must be owed, and how far its delivery must be. Times are seconds since the start. */
export interface Owed {
  /** Which event it is, such as `paid late` or `mismatched 7`. */
  readonly fact: string;
  readonly delivery: EventOwed['delivery'];
  readonly attempts: number;
  readonly dueAt: number;
  /** Until when somebody holds it, and the claim that does. */
  readonly lease: { readonly until: number; readonly claim: symbol } | undefined;
}

/** What must be true of an order: a specification of its own, which shares no code with the ledgers. */
export interface OrderModel {
  /** Undefined when the ledger does not have the order. */
  readonly state: PaymentState | undefined;
  readonly hasAccount: boolean;
  readonly wrongAmounts: readonly string[];
  readonly openedAt: number;
  readonly touchedAt: number;
  readonly check: Check | undefined;
  /** What was said of it, with the states before and after. */
  readonly said: readonly string[];
  readonly owed: readonly Owed[];
}

export const NO_ORDER: OrderModel = {
  state: undefined,
  hasAccount: false,
  wrongAmounts: [],
  openedAt: 0,
  touchedAt: 0,
  check: undefined,
  said: [],
  owed: [],
};

/** The order after an operation. */
export function after(order: OrderModel, operation: Operation, now: number): OrderModel {
  switch (operation.kind) {
    case 'open':
      if (order.state !== undefined) return order;
      return {
        ...order,
        state: 'opening',
        hasAccount: false,
        wrongAmounts: [],
        openedAt: now,
        touchedAt: now,
        check: planned(operation.checkIn, now),
      };
    case 'withdraw':
      return order.state === 'opening' ? { ...order, state: undefined, check: undefined } : order;
    case 'request':
      return isAskedAfter(order) ? hastened(order, now) : order;
    case 'issue': {
      if (order.state === undefined) return order;
      const asked = operation.checkIn === undefined ? order : hastened(order, now + operation.checkIn);
      const issued = { ...(isAskedAfter(order) ? asked : order), hasAccount: true, touchedAt: now };
      return order.state === 'opening' ? owing({ ...issued, state: 'pending' }, 'issued', now) : issued;
    }
    case 'report': {
      const { outcome, source, mustConfirm } = operation;
      const isDoubted = outcome.status === 'paid' && (mustConfirm || outcome.reportedAmount === undefined);
      const told =
        isDoubted && isAskedAfter(order)
          ? source === 'notification'
            ? hastened(order, now)
            : order
          : afterReport(order, outcome, now);
      const change = `${order.state ?? 'none'}-${told.state ?? 'none'}`;
      return { ...told, said: [...order.said, `${source} ${outcome.code} ${change}`] };
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

/** Whether the order is over and nothing is left to deliver of it. */
export function isPurgeable({ state, touchedAt, owed }: OrderModel, before: number): boolean {
  return hasEnded(state) && touchedAt < before && owed.every(({ delivery }) => delivery === 'delivered');
}

/** The one event of the order that may be delivered. */
export function firstOwed({ owed }: OrderModel): Owed | undefined {
  return owed.find(({ delivery }) => delivery === 'owed');
}

/** When an event that is owed can be claimed. */
export function claimableAt({ lease, dueAt }: Owed): number {
  return lease?.until ?? dueAt;
}

/** Whether an order is there that may still be found paid. */
export function isAskedAfter({ state }: OrderModel): boolean {
  return state !== undefined && state !== 'paid';
}

function planned(checkIn: number | undefined, now: number): Check | undefined {
  return checkIn === undefined ? undefined : { at: now + checkIn, failures: 0 };
}

function hastened(order: OrderModel, latest: number): OrderModel {
  const { at, failures } = order.check ?? { at: latest, failures: 0 };
  return { ...order, check: { at: Math.min(at, latest), failures } };
}

function afterReport(order: OrderModel, { status, code, reportedAmount }: Outcome, now: number): OrderModel {
  const { state, hasAccount, openedAt, wrongAmounts } = order;
  if (state === undefined) return owing(order, `unmatched ${code} ${reportedAmount ?? ''}`, now);
  if (state === 'paid') return order;
  if (status === 'paid') {
    if (reportedAmount === undefined || wrongAmounts.includes(reportedAmount)) return order;
    if (RIGHT_AMOUNTS.includes(reportedAmount)) {
      return owing(
        { ...order, state: 'paid', touchedAt: now, check: undefined },
        hasEnded(state) ? 'paid late' : 'paid',
        now,
      );
    }
    const wrong = { ...order, wrongAmounts: [...wrongAmounts, reportedAmount], touchedAt: now };
    return owing(wrong, `mismatched ${reportedAmount}`, now);
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
  return ended ? owing({ ...order, state: ended, touchedAt: now }, ended, now) : order;
}

/** The last second of the last day on which an account that was asked for at `openedAt` can be paid. */
function latestDeadline(openedAt: number): number {
  const day = Math.floor((NOON + openedAt) / DAY);
  return (day + LONGEST + 1) * DAY - 1 - NOON;
}

/** A fact is owed once, whatever comes after. */
function owing(order: OrderModel, fact: string, now: number): OrderModel {
  if (order.owed.some((owed) => owed.fact === fact)) return order;
  return { ...order, owed: [...order.owed, { fact, delivery: 'owed', attempts: 0, dueAt: now, lease: undefined }] };
}

function hasEnded(state: PaymentState | undefined): boolean {
  return state !== undefined && state !== 'opening' && state !== 'pending';
}

import { hash } from 'node:crypto';
import { deadlineOf, hasEnded, type Payment, type PaymentKey } from './payment.js';

/** When a payment is checked of which no notification tells. */
export interface CheckSchedule {
  /** Minutes from a payment's creation to its first check. */
  readonly firstCheckMinutes: number;
  /** By how much a payment is older at each check than at the one before: 2 means twice as old. More than 1. */
  readonly growth: number;
  /** The longest pause between two checks until the deadline, in hours. */
  readonly longestPauseHours: number;
  /** Minutes from the deadline to each of the checks that follow it closely, in ascending order. */
  readonly afterDeadlineMinutes: readonly number[];
  /** Days from the deadline to each of the last looks, which payments that ended without money get too, in ascending order. */
  readonly lastLookDays: readonly number[];
  /** By how much a check may come later than planned, as a share of the pause that follows it: 0 to below 1. */
  readonly jitter: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * When a payment is to be checked next; undefined when there is nothing more to learn.
 *
 * A payment's checks depend on the payment alone, jitter included, so that every process plans the same ones, and whoever
 * comes late goes on with the next one rather than making up for those it missed.
 */
export function nextCheck(payment: Payment, now: Date, schedule: CheckSchedule): Date | undefined {
  const planned = unspread(payment, schedule);
  const ahead = planned.findIndex((check) => check > now.getTime());
  // Of those whose moment has passed, only the last can have been moved to a later one.
  const first = ahead < 0 ? planned.length - 1 : Math.max(ahead - 1, 0);
  for (let i = first; i < planned.length; i += 1) {
    const check = spread(payment, planned, i, schedule);
    if (check > now) return check;
  }
  return undefined;
}

/** Every check that a payment gets while it stays in the state that it is in, in ascending order. */
export function plannedChecks(payment: Payment, schedule: CheckSchedule): readonly Date[] {
  const planned = unspread(payment, schedule);
  return planned.map((_, i) => spread(payment, planned, i, schedule));
}

function unspread(payment: Payment, schedule: CheckSchedule): readonly number[] {
  if (payment.state === 'paid') return [];
  return hasEnded(payment) ? lastLooks(payment, schedule) : openChecks(payment, schedule);
}

/** A check as far into the pause that follows it as is the payment's own share. */
function spread(payment: Payment, planned: readonly number[], i: number, { jitter }: CheckSchedule): Date {
  const check = planned[i] ?? 0;
  const pause = (planned[i + 1] ?? check) - check;
  return new Date(Math.round(check + pause * jitter * shareOf(payment, i)));
}

function openChecks(payment: Payment, schedule: CheckSchedule): readonly number[] {
  const created = payment.createdAt.getTime();
  const deadline = deadlineOf(payment).getTime();
  const checks: number[] = [];
  let age = schedule.firstCheckMinutes * MINUTE_MS;
  while (created + age < deadline) {
    checks.push(created + age);
    age += Math.min(age * (schedule.growth - 1), schedule.longestPauseHours * HOUR_MS);
  }
  const after = schedule.afterDeadlineMinutes.map((minutes) => deadline + minutes * MINUTE_MS);
  return [...checks, ...after, ...lastLooks(payment, schedule)];
}

function lastLooks(payment: Payment, { lastLookDays }: CheckSchedule): readonly number[] {
  const deadline = deadlineOf(payment).getTime();
  return lastLookDays.map((days) => deadline + days * DAY_MS);
}

/** A number in [0, 1) of a payment's own: accounts lapse together at midnight, and are not to be asked after together. */
function shareOf({ merchantNo, orderNo }: PaymentKey, check: number): number {
  const digest = hash('sha256', JSON.stringify([merchantNo, orderNo, check]), 'buffer');
  return digest.readUInt32BE() / 2 ** 32;
}

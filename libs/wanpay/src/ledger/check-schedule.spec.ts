import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { expiryAfter } from '../protocol/index.js';
import { type CheckSchedule, nextCheck, plannedChecks } from './check-schedule.js';
import { EXPIRY_GRACE_SECONDS } from './settle.js';
import type { Payment, PaymentState } from './payment.js';

const CREATED = new Date('2026-03-02T02:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SCHEDULE: CheckSchedule = {
  firstCheckMinutes: 15,
  growth: 2,
  longestPauseHours: 12,
  afterDeadlineMinutes: [5, 30, 65, 180, 720],
  lastLookDays: [3],
  jitter: 0,
};

function payment(days: number, state: PaymentState = 'pending', orderNo = 'A1'): Payment {
  const account = {
    number: '46710722851832',
    bankCode: '013',
    bankName: '',
    branchCode: '',
    branchName: '',
    holder: '',
    expiresAt: expiryAfter(CREATED, days),
  };
  return {
    merchantNo: '1265',
    orderNo,
    amount: 1280,
    livemode: true,
    state,
    createdAt: CREATED,
    updatedAt: CREATED,
    ...(state === 'opening' ? { validDays: days } : { account }),
  };
}

/** Hours since the payment was created, and since its deadline. */
function hours(checks: readonly Date[], days: number): { before: number[]; after: number[] } {
  const deadline = expiryAfter(CREATED, days).getTime();
  const [before, after] = [true, false].map((wanted) =>
    checks.filter((check) => check.getTime() < deadline === wanted),
  );
  return {
    before: (before ?? []).map((check) => (check.getTime() - CREATED.getTime()) / HOUR),
    after: (after ?? []).map((check) => (check.getTime() - deadline) / HOUR),
  };
}

describe('the checks of a payment', () => {
  it('come less and less often until the deadline, closely after it, and once more days later', () => {
    expect(hours(plannedChecks(payment(3), SCHEDULE), 3)).toEqual({
      before: [0.25, 0.5, 1, 2, 4, 8, 16, 28, 40, 52, 64, 76],
      after: [5 / 60, 0.5, 65 / 60, 3, 12, 72],
    });
  });

  it('are as much further apart as the schedule says', () => {
    const checks = plannedChecks(payment(3), { ...SCHEDULE, growth: 3, longestPauseHours: 6 });
    expect(hours(checks, 3).before.slice(0, 5)).toEqual([0.25, 0.75, 2.25, 6.75, 12.75]);
  });

  it('are as many as the documentation says', () => {
    const counts = [1, 3, 7, 30].map((days) => plannedChecks(payment(days), SCHEDULE).length);
    expect(counts).toEqual([14, 18, 26, 72]);
  });

  it('of an intent go by the longest that its account can be valid', () => {
    expect(plannedChecks(payment(3, 'opening'), SCHEDULE)).toEqual(plannedChecks(payment(3), SCHEDULE));
    const { validDays: _days, ...unknown } = payment(3, 'opening');
    expect(plannedChecks(unknown, SCHEDULE)).toEqual(plannedChecks(payment(30), SCHEDULE));
  });

  it.each(['failed', 'closed', 'expired'] as const)('of one that %s are the last looks alone', (state) => {
    expect(hours(plannedChecks(payment(3, state), SCHEDULE), 3)).toEqual({ before: [], after: [72] });
  });

  it('of one that is paid are none', () => {
    expect(plannedChecks(payment(3, 'paid'), SCHEDULE)).toEqual([]);
  });

  it('include one at which what is unpaid is expired', () => {
    const after = plannedChecks(payment(3), SCHEDULE).map(
      (check) => check.getTime() - expiryAfter(CREATED, 3).getTime(),
    );
    const expiring = after.find((milliseconds) => milliseconds > EXPIRY_GRACE_SECONDS * 1000);
    expect(expiring).toBeLessThan((EXPIRY_GRACE_SECONDS + 600) * 1000);
  });

  it('are spread, so that accounts that lapse together are not asked after together', () => {
    const jittered = { ...SCHEDULE, jitter: 0.5 };
    const firstAfter = Array.from({ length: 1000 }, (_, i) => {
      const checks = plannedChecks(payment(3, 'pending', `A${i}`), jittered);
      return hours(checks, 3).after[0] ?? 0;
    });
    const inMinutes = firstAfter.map((after) => after * 60);
    expect(Math.min(...inMinutes)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...inMinutes)).toBeLessThan(5 + 25 / 2);
    const quarters = [0, 1, 2, 3].map(
      (quarter) => inMinutes.filter((minutes) => Math.floor((minutes - 5) / (12.5 / 4)) === quarter).length,
    );
    for (const count of quarters) expect(count).toBeGreaterThan(180);
  });
});

describe('the next check', () => {
  const schedules = fc.record({
    firstCheckMinutes: fc.integer({ min: 10, max: 600 }),
    growth: fc.double({ min: 1.5, max: 5, noNaN: true }),
    longestPauseHours: fc.double({ min: 4, max: 72, noNaN: true }),
    afterDeadlineMinutes: fc
      .uniqueArray(fc.integer({ min: 1, max: 1439 }), { maxLength: 6 })
      .map((minutes) => minutes.sort((a, b) => a - b)),
    lastLookDays: fc
      .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 3 })
      .map((days) => days.sort((a, b) => a - b)),
    jitter: fc.double({ min: 0, max: 0.9, noNaN: true }),
  });
  const payments = fc
    .tuple(
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('opening', 'pending', 'expired'),
      fc.stringMatching(/^[A-Z0-9]{1,20}$/),
    )
    .map(([days, state, orderNo]) => payment(days, state, orderNo));

  it('is always later than now, and leads through all checks in order, to an end', () => {
    fc.assert(
      fc.property(payments, schedules, (about, schedule) => {
        const walked: Date[] = [];
        for (let now: Date | undefined = CREATED; now; now = nextCheck(about, now, schedule)) walked.push(now);
        expect(walked.slice(1)).toEqual(plannedChecks(about, schedule));
        expect(walked).toEqual([...walked].sort((a, b) => a.getTime() - b.getTime()));
      }),
    );
  });

  it('depends on nothing but the payment and the time', () => {
    fc.assert(
      fc.property(payments, schedules, fc.integer({ min: 0, max: 60 * 24 * 40 }), (about, schedule, minutes) => {
        const now = new Date(CREATED.getTime() + minutes * MINUTE);
        expect(nextCheck({ ...about }, now, { ...schedule })).toEqual(nextCheck(about, now, schedule));
      }),
    );
  });
});

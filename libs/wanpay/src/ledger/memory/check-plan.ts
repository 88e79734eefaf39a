import type { NextCheck } from '../ledger.js';
import type { PaymentKey } from '../payment.js';
import { nameOf } from './name.js';

/** A payment that is to be asked after. */
export interface PlannedCheck extends PaymentKey {
  at: Date;
  failures: number;
}

/** When which payment is to be asked after. */
export class CheckPlan {
  private readonly checks = new Map<string, PlannedCheck>();

  set({ merchantNo, orderNo }: PaymentKey, { at, failures }: NextCheck): void {
    const name = nameOf({ merchantNo, orderNo });
    if (at) this.checks.set(name, { merchantNo, orderNo, at, failures });
    else this.checks.delete(name);
  }

  /** Sees to it that a check is at `at` at the latest. */
  hasten(key: PaymentKey, at: Date): void {
    const planned = this.checks.get(nameOf(key));
    if (planned && planned.at <= at) return;
    this.set(key, { at, failures: planned?.failures ?? 0 });
  }

  /** Moves those that are due to the end of their lease, and returns them, the longest due first. */
  claim(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): readonly PlannedCheck[] {
    const due = this.of(merchantNo).filter(({ at }) => at <= now);
    const claimed = due.sort((a, b) => a.at.getTime() - b.at.getTime()).slice(0, limit);
    for (const check of claimed) check.at = leaseUntil;
    return claimed;
  }

  isClaimed(key: PaymentKey, leaseUntil: Date): boolean {
    return this.checks.get(nameOf(key))?.at.getTime() === leaseUntil.getTime();
  }

  next(merchantNo?: string): Date | undefined {
    const times = this.of(merchantNo).map(({ at }) => at.getTime());
    return times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.min(a, b)));
  }

  private of(merchantNo?: string): PlannedCheck[] {
    return [...this.checks.values()].filter((check) => merchantNo === undefined || check.merchantNo === merchantNo);
  }
}

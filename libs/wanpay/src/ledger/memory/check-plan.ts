import type { NextCheck } from '../ledger.js';
import type { History, PlannedCheck } from './history.js';

/** When which payment is to be asked after. What is planned stands in its history; here is which histories have that. */
export class CheckPlan {
  private readonly planned = new Set<History>();

  set(history: History, { at, failures }: NextCheck): void {
    history.check = at && { at, failures };
    if (at) this.planned.add(history);
    else this.planned.delete(history);
  }

  /** Sees to it that a check is at `at` at the latest. */
  hasten(history: History, at: Date): void {
    const { check } = history;
    if (check && check.at <= at) return;
    this.set(history, { at, failures: check?.failures ?? 0 });
  }

  /** Moves those that are due to the end of their lease, and returns them, the longest due first. */
  claim(now: Date, leaseUntil: Date, limit: number, merchantNo?: string): readonly History[] {
    const due = this.of(merchantNo).filter(({ check }) => check.at <= now);
    const claimed = due.sort((a, b) => a.check.at.getTime() - b.check.at.getTime()).slice(0, limit);
    for (const { check } of claimed) check.at = leaseUntil;
    return claimed.map(({ history }) => history);
  }

  next(merchantNo?: string): Date | undefined {
    const times = this.of(merchantNo).map(({ check }) => check.at.getTime());
    return times.length === 0 ? undefined : new Date(times.reduce((a, b) => Math.min(a, b)));
  }

  private of(merchantNo?: string): { readonly history: History; readonly check: PlannedCheck }[] {
    return [...this.planned].flatMap((history) => {
      const { check, payment } = history;
      const isMeant = merchantNo === undefined || payment?.merchantNo === merchantNo;
      return check && isMeant ? [{ history, check }] : [];
    });
  }
}

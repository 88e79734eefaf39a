import type { DeliveryAttempt, OwedEvent, Report, Settled } from 'nestjs-wanpay';
import { PostgresLedger } from 'nestjs-wanpay/postgres';
import { MOMENTS } from './make.js';

type Moment = (typeof MOMENTS)[number];

/** The ledger in PostgreSQL, which notes when it was asked for what. */
export class TimedLedger extends PostgresLedger {
  private readonly moments = new Map<string, Map<Moment, number>>();

  override async settle(report: Report): Promise<Settled> {
    this.note(report.orderNo, 'settling');
    const settled = await super.settle(report);
    this.note(report.orderNo, 'settled');
    return settled;
  }

  override async claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly OwedEvent[]> {
    const claiming = monotonic();
    const claimed = await super.claim(now, leaseUntil, limit);
    for (const { event } of claimed) {
      this.note(event.orderNo, 'claiming', claiming);
      this.note(event.orderNo, 'claimed');
    }
    return claimed;
  }

  override async recordAttempt(owed: OwedEvent, attempt: DeliveryAttempt): Promise<boolean> {
    const recorded = await super.recordAttempt(owed, attempt);
    this.note(owed.event.orderNo, 'recorded');
    return recorded;
  }

  /** Notes a moment of an order. */
  note(orderNo: string, moment: Moment, at = monotonic()): void {
    const moments = this.moments.get(orderNo) ?? new Map<Moment, number>();
    this.moments.set(orderNo, moments.set(moment, at));
  }

  /** @throws Error when something of the order was not noted */
  momentsOf(orderNo: string): readonly number[] {
    const moments = this.moments.get(orderNo);
    return MOMENTS.map((moment) => {
      const at = moments?.get(moment);
      if (at === undefined) throw new Error(`The order ${orderNo} has no moment of ${moment}.`);
      return at;
    });
  }
}

/** The processes of a machine share this clock. */
function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

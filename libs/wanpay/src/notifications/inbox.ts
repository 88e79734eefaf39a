import { livemodeOf } from '../gateway/platform.js';
import type { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import type { Clock } from '../protocol/index.js';
import { refusal } from './errors.js';
import type { VerifiedNotification } from './verifier.js';

/** What the inbox goes by. */
export interface InboxSettings {
  readonly baseUrl: string;
  readonly payerAccount: PayerAccountPolicy;
  /** `query` when a "paid" is to be confirmed by a query before it is believed. */
  readonly confirm?: 'query';
}

/** Takes in what was verified: when {@link Inbox.receive} resolves, the ledger has it. */
export class Inbox {
  private readonly isLive: (merchantNo: string) => boolean;

  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly onCheckDue: () => void,
    private readonly settings: InboxSettings,
  ) {
    this.isLive = livemodeOf(settings.baseUrl);
  }

  /**
   * Commits what a notification says, together with the events owed, or, where it is to be confirmed first, with the
   * query that is due.
   *
   * @throws NotificationRefusedError for a stale notification: it is not believed, and the platform is asked in its place
   */
  async receive({ notification, timely }: VerifiedNotification): Promise<void> {
    const { merchantNo, orderNo, outcome } = notification;
    const now = this.clock.now();
    if (!timely) {
      // A clock that is off must not cost an honest payment its news.
      if (await this.ledger.requestCheck({ merchantNo, orderNo }, now)) this.onCheckDue();
      throw refusal('stale', 'The timestamp is outside the allowed window.');
    }
    const { unconfirmed } = await this.ledger.settle({
      merchantNo,
      orderNo,
      livemode: this.isLive(merchantNo),
      outcome: redactOutcome(outcome, this.settings.payerAccount),
      source: 'notification',
      mustConfirm: this.settings.confirm === 'query',
      now,
    });
    if (unconfirmed) this.onCheckDue();
  }
}

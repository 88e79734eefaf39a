import { Logger } from '@nestjs/common';
import { isLive } from '../gateway/platform.js';
import type { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import type { Clock, Notification } from '../protocol/index.js';
import { NotificationRefusedError } from './errors.js';
import type { VerifiedNotification } from './verifier.js';

/** Asks the platform about an order and settles its answer; rejects when there is no answer. */
export type Confirm = (merchantNo: string, orderNo: string) => Promise<unknown>;

/** Takes in what was verified: when {@link Inbox.receive} resolves, the ledger has it. */
export class Inbox {
  private readonly logger = new Logger('WanPayNotifications');

  constructor(
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly confirm: Confirm,
    private readonly settings: { readonly baseUrl: string; readonly payerAccount: PayerAccountPolicy },
  ) {}

  /**
   * Commits what a notification says, together with the events owed.
   *
   * A "paid" that names no amount is confirmed by a query first; while that fails the notification is not acknowledged,
   * so that the platform sends it again.
   *
   * @throws NotificationRefusedError for a stale notification, after the platform was asked in its place
   */
  async receive({ notification, timely }: VerifiedNotification): Promise<void> {
    if (!timely) {
      this.askInstead(notification);
      throw new NotificationRefusedError('stale', 'The timestamp is outside the allowed window.');
    }
    const { merchantNo, orderNo, outcome } = notification;
    const settled = await this.ledger.settle({
      merchantNo,
      orderNo,
      livemode: isLive(this.settings.baseUrl, merchantNo),
      outcome: redactOutcome(outcome, this.settings.payerAccount),
      source: 'notification',
      now: this.clock.now(),
    });
    if (settled.unconfirmed) await this.confirm(merchantNo, orderNo);
  }

  /** A clock that is off must not cost an honest payment its news; a replayed message costs one query at most at a time. */
  private askInstead({ merchantNo, orderNo }: Notification): void {
    this.ledger
      .find({ merchantNo, orderNo })
      .then((payment) => payment && payment.state !== 'paid' && this.confirm(merchantNo, orderNo))
      .catch((error: unknown) => {
        this.logger.warn(
          `A stale notification for order ${orderNo} could not be checked by a query: ${error instanceof Error ? error.message : 'unknown failure'}`,
        );
      });
  }
}

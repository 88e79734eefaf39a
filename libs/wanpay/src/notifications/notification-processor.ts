import { Inject, Injectable, Optional } from '@nestjs/common';
import { Ledger } from '../ledger/ledger.js';
import { type PayerAccountPolicy, redactOutcome } from '../ledger/payer.js';
import type { PaymentKey } from '../ledger/payment.js';
import { Activity } from '../observation/activity.js';
import { type Observer, UNOBSERVED } from '../observation/observer.js';
import { livemodeOf } from '../platform/platform.js';
import { CLOCK } from '../platform/tokens.js';
import type { Clock } from '../protocol/index.js';
import { refusal } from './errors.js';
import { describeStaleness, isTooOld } from './staleness.js';
import type { VerifiedNotification } from './verifier.js';

/** What the processor goes by. */
export interface NotificationProcessorSettings {
  readonly baseUrl: string;
  readonly payerAccount: PayerAccountPolicy;
  /** Whether a "paid" must be confirmed by a query before it is believed. */
  readonly confirmPaidByQuery: boolean;
  /** Seconds that a timestamp may be off, either way. */
  readonly timestampWindowSeconds: number;
}

/** The injection token of {@link NotificationProcessorSettings}. */
export const NOTIFICATION_PROCESSOR_SETTINGS = Symbol('WanPayNotificationProcessorSettings');
/** The injection token of a function that is called when a check fell due at once. */
export const ON_CHECK_DUE = Symbol('WanPayOnCheckDue');

/** Commits verified notifications: when {@link NotificationProcessor.receive} resolves, the ledger has it. */
@Injectable()
export class NotificationProcessor {
  private readonly isLive: (merchantNo: string) => boolean;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ON_CHECK_DUE) private readonly onCheckDue: () => void,
    @Inject(NOTIFICATION_PROCESSOR_SETTINGS) private readonly settings: NotificationProcessorSettings,
    @Optional() @Inject(Activity) private readonly observer: Observer = UNOBSERVED,
  ) {
    this.isLive = livemodeOf(settings.baseUrl);
  }

  /**
   * Commits what a notification says, together with the events that come of it, or, where it must be confirmed first, with
   * the check that is due.
   *
   * A status that the protocol does not list is recorded, and the platform is asked what it means.
   *
   * @throws NotificationRefusedError for a stale notification: it is not believed, and the platform is asked in its place,
   * unless it is older than seven days
   */
  receive(verified: VerifiedNotification): Promise<void> {
    const { merchantNo, orderNo } = verified.notification;
    return this.observer.around({ name: 'notification', merchantNo, orderNo }, () => this.commit(verified));
  }

  private async commit({ notification, timely }: VerifiedNotification): Promise<void> {
    const { merchantNo, orderNo, outcome, timestamp } = notification;
    const now = this.clock.now();
    if (!timely) {
      // A clock that is off must not cost an honest payment its news.
      if (!isTooOld(timestamp, now)) await this.ask({ merchantNo, orderNo }, now);
      throw refusal('stale', describeStaleness(timestamp, now, this.settings.timestampWindowSeconds));
    }
    const { unconfirmed } = await this.ledger.settle({
      merchantNo,
      orderNo,
      livemode: this.isLive(merchantNo),
      outcome: redactOutcome(outcome, this.settings.payerAccount),
      source: 'notification',
      mustConfirm: this.settings.confirmPaidByQuery,
      now,
    });
    if (unconfirmed) this.onCheckDue();
    else if (outcome.status === 'unknown') await this.ask({ merchantNo, orderNo }, now);
  }

  private async ask(key: PaymentKey, now: Date): Promise<void> {
    if (await this.ledger.requestCheck(key, now)) this.onCheckDue();
  }
}

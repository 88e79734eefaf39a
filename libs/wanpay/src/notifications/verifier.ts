import { Inject, Injectable } from '@nestjs/common';
import { isStorable } from '../ledger/order-key.js';
import type { Merchant, MerchantRegistry } from '../platform/merchants.js';
import { CLOCK, MERCHANT_REGISTRY } from '../platform/tokens.js';
import {
  type Clock,
  type Fields,
  isTimely,
  MalformedMessageError,
  type Notification,
  readFields,
  readNotification,
  verify,
} from '../protocol/index.js';
import { refusal } from './errors.js';
import type { SourceList } from './source-list.js';

/** What to check a notification against. */
export interface VerifierSettings {
  /** Seconds that a timestamp may be off, either way. */
  readonly timestampWindowSeconds: number;
  readonly sources: SourceList;
}

/** The injection token of {@link VerifierSettings}. */
export const VERIFIER_SETTINGS = Symbol('WanPayVerifierSettings');

/** A correctly signed message, and whether its timestamp holds too. */
export interface VerifiedNotification {
  readonly notification: Notification;
  /** False when the message is honest but old or ahead of our clock: not to be believed, yet worth asking the platform. */
  readonly timely: boolean;
}

/**
 * Tells notifications that may be believed from those that may not, cheapest check first, before any database is asked.
 *
 * It answers at once where the merchants' registry does.
 */
@Injectable()
export class NotificationVerifier {
  constructor(
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(VERIFIER_SETTINGS) private readonly settings: VerifierSettings,
  ) {}

  /**
   * Whether an address may send notifications. To be asked first: it costs least, and who may not send learns nothing else.
   *
   * @param source the peer's address, as the host's trust-proxy setting has it
   */
  admits(source: string | undefined): boolean {
    return this.settings.sources.admits(source);
  }

  /**
   * Checks shape, merchant, signature and timestamp, in this order.
   *
   * @param body the fields of the form or JSON body, as they were read
   * @throws NotificationRefusedError; a stale notification is not refused here but returned with `timely: false`
   * @throws MerchantRegistryError when the host's registry of merchants fails
   */
  verify(body: unknown): VerifiedNotification | Promise<VerifiedNotification> {
    const authentic = this.authenticate(body);
    return 'then' in authentic
      ? authentic.then((notification) => this.checkTime(notification))
      : this.checkTime(authentic);
  }

  /**
   * Checks shape, merchant and signature only.
   *
   * @throws NotificationRefusedError
   * @throws MerchantRegistryError when the host's registry of merchants fails
   */
  authenticate(body: unknown): Notification | Promise<Notification> {
    const message = read(body);
    const merchant = this.merchants.find(message.notification.merchantNo);
    return merchant && 'then' in merchant
      ? merchant.then((found) => checkSignature(message, found))
      : checkSignature(message, merchant);
  }

  private checkTime(notification: Notification): VerifiedNotification {
    const timely = isTimely(notification.timestamp, this.clock.now(), this.settings.timestampWindowSeconds);
    return { notification, timely };
  }
}

interface Message {
  readonly fields: Fields;
  readonly notification: Notification;
}

function checkSignature({ fields, notification }: Message, merchant: Merchant | undefined): Notification {
  if (!merchant) throw refusal('unknown_merchant', 'The merchant is not known here.');
  if (!verify(fields, merchant.keys)) throw refusal('bad_signature', 'The signature is wrong.');
  return notification;
}

function read(body: unknown): Message {
  try {
    const fields = readFields(body);
    const notification = readNotification(fields);
    // Such a number is no payment's, and would fail in the ledger, beside the notifications of others.
    if (!isStorable(notification.orderNo)) throw refusal('malformed', 'out_trade_no is too long or holds a NUL.');
    return { fields, notification };
  } catch (error) {
    if (error instanceof MalformedMessageError) throw refusal('malformed', error.message);
    throw error;
  }
}

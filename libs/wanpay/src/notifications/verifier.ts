import type { MerchantRegistry } from '../gateway/merchants.js';
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
import { NotificationRefusedError } from './errors.js';
import type { SourceList } from './source-list.js';

/** What to check a notification against. */
export interface VerifierSettings {
  /** Seconds that a timestamp may be off, either way. */
  readonly timestampWindowSeconds: number;
  readonly sources: SourceList;
}

/** A correctly signed message, and whether its timestamp and source hold too. */
export interface VerifiedNotification {
  readonly notification: Notification;
  /** False when the message is honest but old or ahead of our clock: not to be believed, yet worth asking the platform. */
  readonly timely: boolean;
}

/** Tells notifications that may be believed from those that may not, cheapest check first, before any database is asked. */
export class NotificationVerifier {
  constructor(
    private readonly merchants: MerchantRegistry,
    private readonly clock: Clock,
    private readonly settings: VerifierSettings,
  ) {}

  /**
   * Checks shape, merchant, signature, timestamp and source, in this order.
   *
   * @param body the form or JSON body as the host's parser left it
   * @param source the peer's address, as the host's trust-proxy setting has it
   * @throws NotificationRefusedError; a stale notification is not refused here but returned with `timely: false`
   */
  async verify(body: unknown, source: string | undefined): Promise<VerifiedNotification> {
    const notification = await this.authenticate(body);
    const timely = isTimely(notification.timestamp, this.clock.now(), this.settings.timestampWindowSeconds);
    if (!this.settings.sources.admits(source)) {
      throw new NotificationRefusedError('source_not_allowed', 'This address may not send notifications.');
    }
    return { notification, timely };
  }

  /**
   * Checks shape, merchant and signature only.
   *
   * @throws NotificationRefusedError
   */
  async authenticate(body: unknown): Promise<Notification> {
    const { fields, notification } = read(body);
    const merchant = await this.merchants.find(notification.merchantNo);
    if (!merchant) throw new NotificationRefusedError('unknown_merchant', 'The merchant is not known here.');
    if (!verify(fields, merchant.keys)) {
      throw new NotificationRefusedError('bad_signature', 'The signature is wrong.');
    }
    return notification;
  }
}

function read(body: unknown): { fields: Fields; notification: Notification } {
  try {
    const fields = readFields(body);
    return { fields, notification: readNotification(fields) };
  } catch (error) {
    if (error instanceof MalformedMessageError) throw new NotificationRefusedError('malformed', error.message);
    throw error;
  }
}

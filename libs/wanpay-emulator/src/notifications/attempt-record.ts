import { type OrderRef } from '../orders/order-ref.js';
import { type Fields } from '../platform/fields.js';

/** One attempt to notify a merchant (3.1.2), and how it ended. */
export interface NotificationAttempt extends OrderRef {
  /** Where it was posted to: the order's `backurl`, or the `notificationTarget`. */
  readonly url: string;
  /** What was sent, `sign` included. */
  readonly fields: Fields;
  /** Which notification it belongs to: each result of an order is one. Counts up from 1. */
  readonly notification: number;
  /** 1 for the first attempt of a notification. */
  readonly attempt: number;
  /** When it was sent, by the emulator's clock. */
  readonly at: Date;
  /** How long the reply took, in milliseconds of real time. */
  readonly latencyMs: number;
  /** The HTTP status of the reply; absent when none came. */
  readonly replyStatus?: number;
  /** The body of the reply; absent when none came. */
  readonly replyBody?: string;
  /** Why the attempt failed, where the reply itself does not say. */
  readonly error?: string;
  /** Whether the platform is content: HTTP 200 and exactly `success`. */
  readonly acknowledged: boolean;
  /** When the platform tries next, by the emulator's clock; absent when it does not. */
  readonly nextAttemptAt?: Date;
}

import type { ModuleRef } from '@nestjs/core';
import { Delivery, DELIVERY_SETTINGS, type DeliverySettings } from '../delivery/delivery.js';
import type { Payment } from '../ledger/payment.js';
import { NotificationProcessor } from '../notifications/notification-processor.js';
import { NotificationVerifier } from '../notifications/verifier.js';
import { Payments } from '../payments/payments.js';
import type { MerchantRegistry } from '../platform/merchants.js';
import { MERCHANT_REGISTRY } from '../platform/tokens.js';
import type { Fields } from '../protocol/index.js';
import { Sweeper } from '../reconciliation/sweeper.js';
import { WanPayLifecycle } from '../wanpay.lifecycle.js';
import type { HandlerFailure } from './errors.js';

/** One instance of the module in the host under test, and what a test does with its parts. */
export class TestedInstance {
  readonly #modules: ModuleRef;
  /** The deliveries whose latest attempt failed, by event and handler. */
  readonly #failures = new Map<string, HandlerFailure>();

  constructor(
    readonly name: string,
    modules: ModuleRef,
  ) {
    this.#modules = modules;
  }

  /** Begins without waiting for the host's server; false when the host has not started. */
  async begin(): Promise<boolean> {
    const delivery = this.#modules.get(Delivery);
    const { maxAttempts } = this.#modules.get<DeliverySettings>(DELIVERY_SETTINGS);
    delivery.whenAttempted(({ event, handler, attempt }, ended) => {
      const key = `${event.id} ${handler}`;
      if (ended.kind === 'done') this.#failures.delete(key);
      if (ended.kind !== 'failed') return;
      this.#failures.set(key, { handler, event, attempt, isDead: attempt >= maxAttempts, reason: ended.reason });
    });
    return this.#modules.get(WanPayLifecycle).beginNow();
  }

  /** Resolves when nothing is left to do at this moment of the clock. */
  async idle(): Promise<void> {
    await this.#modules.get(Delivery).idle();
    await this.#modules.get(Sweeper).idle();
    await this.#modules.get(Delivery).idle();
  }

  /** The failures since it was last asked for them. */
  takeFailures(): readonly HandlerFailure[] {
    const failures = [...this.#failures.values()];
    this.#failures.clear();
    return failures;
  }

  /** Checks and commits a notification, as the notification route does. */
  async receive(fields: Fields): Promise<void> {
    const verified = await this.#modules.get(NotificationVerifier).verify(fields);
    await this.#modules.get(NotificationProcessor).receive(verified);
  }

  async keysOf(merchantNo: string): Promise<readonly string[]> {
    const merchant = await this.#modules.get<MerchantRegistry>(MERCHANT_REGISTRY).find(merchantNo);
    return merchant?.keys ?? [];
  }

  /** Asks the platform how an order stands, and settles the answer. */
  async query(orderNo: string, merchantNo: string): Promise<void> {
    await this.#modules.get(Payments).query(orderNo, merchantNo);
  }

  payment(orderNo: string, merchantNo: string): Promise<Payment | undefined> {
    return this.#modules.get(Payments).get(orderNo, merchantNo);
  }
}

import { Inject, Injectable } from '@nestjs/common';
import { Ledger } from '../ledger/ledger.js';
import type { MerchantRegistry } from '../platform/merchants.js';
import { CLOCK, MERCHANT_REGISTRY } from '../platform/tokens.js';
import { type Clock, type Fields, parseTimestamp, verify } from '../protocol/index.js';
import type { LooseMessage } from './loose-message.js';
import { ON_CHECK_DUE } from './notification-processor.js';
import { isTooOld } from './staleness.js';

/** What the expediter goes by. */
export interface ExpediterSettings {
  /** How many queries a merchant may have in a second, of which what nobody vouches for may cause a share. */
  readonly queriesPerSecond: number;
}

/** The injection token of {@link ExpediterSettings}. */
export const EXPEDITER_SETTINGS = Symbol('WanPayExpediterSettings');

/** What part of a merchant's queries messages without a good signature may cause. */
const UNSIGNED_SHARE = 0.2;
const SECOND_MS = 1000;
/** For how many merchants checks are asked for in one second: who is none may be among them. */
const MOST_MERCHANTS = 1000;

/**
 * Brings checks forward for messages that were not believed, so that the platform is asked instead: no money waits for the
 * schedule. One with a good signature does so at once; any other within a share of the merchant's queries.
 *
 * The ledger brings a payment's check forward once in five minutes at most, whoever asks.
 */
@Injectable()
export class CheckExpediter {
  private readonly perSecond: number;
  /** How many checks were asked for without a signature in this second, for each merchant. */
  private readonly asked = new Map<string, number>();
  private second = 0;

  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(MERCHANT_REGISTRY) private readonly merchants: MerchantRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(ON_CHECK_DUE) private readonly onCheckDue: () => void,
    @Inject(EXPEDITER_SETTINGS) { queriesPerSecond }: ExpediterSettings,
  ) {
    this.perSecond = Math.max(1, Math.floor(queriesPerSecond * UNSIGNED_SHARE));
  }

  /** Has the payment asked after that a message names, if it is known here and unpaid. */
  async expedite({ fields, ...key }: LooseMessage): Promise<void> {
    const now = this.clock.now();
    if (isFromLongAgo(fields, now)) return;
    // This comes first, since anybody can send many of these.
    if (!fields && !this.mayAsk(key.merchantNo, now)) return;
    const merchant = await this.merchants.find(key.merchantNo);
    if (!merchant) return;
    if (fields && !verify(fields, merchant.keys) && !this.mayAsk(key.merchantNo, now)) return;
    if (await this.ledger.requestCheck(key, now)) this.onCheckDue();
  }

  private mayAsk(merchantNo: string, now: Date): boolean {
    const second = Math.floor(now.getTime() / SECOND_MS);
    if (second !== this.second) {
      this.second = second;
      this.asked.clear();
    }
    const asked = this.asked.get(merchantNo) ?? 0;
    if (asked >= this.perSecond || this.asked.size > MOST_MERCHANTS) return false;
    this.asked.set(merchantNo, asked + 1);
    return true;
  }
}

function isFromLongAgo(fields: Fields | undefined, now: Date): boolean {
  const timestamp = parseTimestamp(fields?.secondtimestamp ?? '');
  return timestamp !== undefined && isTooOld(timestamp, now);
}

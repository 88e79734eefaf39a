import { Injectable } from '@nestjs/common';
import { isTimely, parseTimestamp, verify } from 'nestjs-wanpay/protocol';
import { VirtualClock } from '../clock/virtual-clock.js';
import { type Merchant, Merchants } from '../merchants/merchants.js';
import { ApplicationClocks } from './application-clocks.js';
import { checkFields, MERCHANT_RULES, SIGNATURE_RULES } from './field-rules.js';
import { type Fields } from './fields.js';
import { type ReceivedRequest } from './received-request.js';
import { badParameter, MERCHANT_CHECK_FAILED, NO_PERMISSION, Refusal } from './reply.js';
import { findMistake } from './signature-finding.js';

/** A request that its merchant signed, and sent in time from where it may. */
export interface Admitted {
  readonly merchant: Merchant;
  readonly fields: Fields;
}

/** What every request must pass, whichever interface it is for (2.1 to 2.4). */
@Injectable()
export class Gate {
  constructor(
    private readonly merchants: Merchants,
    private readonly clock: VirtualClock,
    private readonly applications: ApplicationClocks,
  ) {}

  /**
   * Checks a request, in this order: the form, the merchant, the source address, the signature, the fields by the
   * interface's table, the timestamp.
   *
   * @throws Refusal
   */
  admit({ form, source }: ReceivedRequest, rules: Parameters<typeof checkFields>[1]): Admitted {
    if (form instanceof Refusal) throw form;
    checkFields(form, MERCHANT_RULES);
    const merchant = this.merchants.find(form.orgno ?? '');
    if (!merchant) throw new Refusal(MERCHANT_CHECK_FAILED, '商戶校驗失敗：商戶不存在');
    if (!merchant.sources.allows(source)) throw new Refusal(NO_PERMISSION, '該商戶無此許可權：來源 IP 未登記');
    checkFields(form, SIGNATURE_RULES);
    if (!verify(form, merchant.keys)) {
      throw new Refusal(MERCHANT_CHECK_FAILED, '商戶校驗失敗：簽名錯誤', findMistake(form, merchant.keys));
    }
    checkFields(form, rules);
    this.applications.observe(form, source);
    this.#checkTimestamp(form);
    return { merchant, fields: form };
  }

  /** "Parameters expire after 10 minutes" (1.2): an expired one is a bad parameter, not a merchant unknown. */
  #checkTimestamp(fields: Fields): void {
    const timestamp = parseTimestamp(fields.secondtimestamp ?? '');
    if (!timestamp || !isTimely(timestamp, this.clock.now())) throw badParameter('secondtimestamp 已過期');
  }
}

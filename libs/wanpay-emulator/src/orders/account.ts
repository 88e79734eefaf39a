import { randomInt } from 'node:crypto';
import { type Account } from './order.js';

/** The bank of the vendor's sample reply (3.1.1). */
const BANK = {
  bankCode: '013',
  bankName: '國泰世華商業銀行',
  branchCode: '2022',
  branchName: '大昌分行',
  holder: '旺沛大數位股份有限公司',
};
const NUMBER_PREFIX = '4671';
const RANDOM_DIGITS = 10;

/** Opens accounts of 14 digits at the bank of the vendor's sample, no number twice. */
export class AccountIssuer {
  readonly #issued = new Set<string>();

  issue(): Account {
    let number: string;
    do {
      number = NUMBER_PREFIX + String(randomInt(10 ** RANDOM_DIGITS)).padStart(RANDOM_DIGITS, '0');
    } while (this.#issued.has(number));
    this.#issued.add(number);
    return { number, ...BANK };
  }

  /** Forgets an account, whose number may come again. */
  release({ number }: Account): void {
    this.#issued.delete(number);
  }

  /** Forgets every account. */
  clear(): void {
    this.#issued.clear();
  }

  /** Takes note of accounts that were opened before. */
  restore(accounts: readonly Account[]): void {
    for (const { number } of accounts) this.#issued.add(number);
  }
}

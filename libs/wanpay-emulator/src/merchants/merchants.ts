import { InvalidArgumentError, UnknownMerchantError } from '../errors.js';
import { type Journal } from '../journal/journal.js';
import { type MerchantView } from './merchant-view.js';
import { readSourceList, type SourceList } from './source-list.js';

/** A merchant that the emulator knows. Give `key`, or `keys` during a rotation. */
export interface MerchantOptions {
  /** At most 30 characters (`orgno`, 3.1.1). */
  readonly merchantNo: string;
  /** The signing key (2.3). */
  readonly key?: string | undefined;
  /** Several signing keys: all verify the merchant's messages, the first signs the platform's. */
  readonly keys?: readonly string[] | undefined;
  /** The IPv4 or IPv6 addresses and CIDR ranges it may call from (2.2); others are answered 911. Default: any. */
  readonly allowedSources?: readonly string[] | undefined;
}

/** A key of a merchant, by a name that can be shown. */
export interface NamedKey {
  /** `k1`, `k2` … in the order in which the merchant was given them. */
  readonly id: string;
  readonly key: string;
}

/** A merchant, as the emulator works with it. */
export interface Merchant {
  readonly merchantNo: string;
  /** Signs the platform's messages. */
  readonly key: string;
  /** All of them verify the merchant's messages. */
  readonly keys: readonly string[];
  /** The keys by name, the one that signs first. */
  readonly namedKeys: readonly NamedKey[];
  /** As they were given; absent when every address is allowed. */
  readonly allowedSources?: readonly string[];
  readonly sources: SourceList;
}

/** A merchant as it is kept across restarts. */
export interface KeptMerchant {
  readonly merchantNo: string;
  readonly namedKeys: readonly NamedKey[];
  readonly allowedSources?: readonly string[];
}

const MAX_MERCHANT_NO_LENGTH = 30;
const MAX_KEY_LENGTH = 256;
/** Bounds what is kept, far above what a test or a person adds. */
const MAX_MERCHANTS = 1000;
const MAX_KEYS = 100;
const MAX_SOURCES = 1000;

/** The merchants that the platform knows, by their numbers. */
export class Merchants {
  #byNo: ReadonlyMap<string, Merchant>;

  /** @throws InvalidArgumentError when there is none, or a number or key is missing or given twice */
  constructor(
    options: readonly MerchantOptions[],
    private readonly journal: Journal,
  ) {
    const merchants = options.map(readMerchant);
    this.#byNo = new Map(merchants.map((merchant) => [merchant.merchantNo, merchant]));
    if (merchants.length === 0) throw new InvalidArgumentError('merchants', 'must hold at least one merchant.');
    if (this.#byNo.size < merchants.length) throw new InvalidArgumentError('merchants', 'holds a number twice.');
    this.writeDown();
  }

  /** Has the journal begin with the merchants that there are, so that a session's script does. */
  writeDown(): void {
    for (const merchant of this.#byNo.values()) this.#writeDown(merchant);
  }

  /** The one that is meant when none is named. */
  get first(): Merchant {
    const [first] = this.#byNo.values();
    if (!first) throw new InvalidArgumentError('merchants', 'must hold at least one merchant.');
    return first;
  }

  find(merchantNo: string): Merchant | undefined {
    return this.#byNo.get(merchantNo);
  }

  /** Every merchant, without its keys. */
  list(): MerchantView[] {
    return [...this.#byNo.values()].map(viewOf);
  }

  /**
   * One more merchant.
   *
   * @throws InvalidArgumentError when its number is taken, or it cannot be
   */
  add(options: MerchantOptions): MerchantView {
    const merchant = readMerchant(options);
    const { merchantNo } = merchant;
    if (this.#byNo.has(merchantNo)) throw new InvalidArgumentError('merchantNo', 'is taken.');
    if (this.#byNo.size >= MAX_MERCHANTS) throw new InvalidArgumentError('merchantNo', 'is one too many.');
    this.#put(merchant);
    this.#writeDown(merchant);
    return viewOf(merchant);
  }

  /**
   * A key that signs the platform's messages from now on. The older ones go on verifying the merchant's.
   *
   * @throws UnknownMerchantError
   * @throws InvalidArgumentError when the key is empty, or known already
   */
  addKey(merchantNo: string, key: string): MerchantView {
    const merchant = this.#get(merchantNo);
    if (key === '' || merchant.keys.includes(key)) throw new InvalidArgumentError('key', 'is empty, or known already.');
    assertKey(key);
    if (merchant.keys.length >= MAX_KEYS)
      throw new InvalidArgumentError('key', 'is one too many: remove another first.');
    const number = Math.max(...merchant.namedKeys.map(({ id }) => Number(id.slice(1)))) + 1;
    const named = { id: `k${number}`, key };
    const changed = this.#put(build({ ...merchant, namedKeys: [named, ...merchant.namedKeys] }));
    this.journal.write({ kind: 'action', name: 'add-key', merchantNo, keyId: named.id });
    return viewOf(changed);
  }

  /**
   * A key that no longer counts. When it was the one that signs, the next newest does.
   *
   * @throws UnknownMerchantError
   * @throws InvalidArgumentError when there is no such key, or no other
   */
  removeKey(merchantNo: string, keyId: string): MerchantView {
    const merchant = this.#get(merchantNo);
    const namedKeys = merchant.namedKeys.filter(({ id }) => id !== keyId);
    if (namedKeys.length === merchant.namedKeys.length) throw new InvalidArgumentError('keyId', 'is not known.');
    if (namedKeys.length === 0) throw new InvalidArgumentError('keyId', 'names the only key: add another first.');
    const changed = this.#put(build({ ...merchant, namedKeys }));
    this.journal.write({ kind: 'action', name: 'remove-key', merchantNo, keyId });
    return viewOf(changed);
  }

  /**
   * Where a merchant may call from.
   *
   * @param allowedSources addresses and CIDR ranges; undefined for any
   * @throws UnknownMerchantError
   * @throws InvalidArgumentError
   */
  allowSources(merchantNo: string, allowedSources: readonly string[] | undefined): MerchantView {
    const { namedKeys } = this.#get(merchantNo);
    const changed = this.#put(build({ merchantNo, namedKeys, ...(allowedSources ? { allowedSources } : {}) }));
    this.journal.write({ kind: 'action', name: 'allow-sources', merchantNo, ...sourcesOf(changed) });
    return viewOf(changed);
  }

  /** What {@link restore} needs: keys and all. */
  keep(): KeptMerchant[] {
    return [...this.#byNo.values()].map(({ merchantNo, namedKeys, ...rest }) => ({
      merchantNo,
      namedKeys,
      ...sourcesOf(rest),
    }));
  }

  restore(merchants: readonly KeptMerchant[]): void {
    this.#byNo = new Map(merchants.map((kept) => [kept.merchantNo, build(kept)]));
  }

  #writeDown(merchant: Merchant): void {
    this.journal.write({ kind: 'action', name: 'add-merchant', ...viewOf(merchant) });
  }

  /** @throws UnknownMerchantError */
  #get(merchantNo: string): Merchant {
    const merchant = this.find(merchantNo);
    if (!merchant) throw new UnknownMerchantError(`There is no merchant ${merchantNo} here.`);
    return merchant;
  }

  #put(merchant: Merchant): Merchant {
    this.#byNo = new Map(this.#byNo).set(merchant.merchantNo, merchant);
    return merchant;
  }
}

function readMerchant(options: MerchantOptions): Merchant {
  const { merchantNo } = options;
  if (merchantNo === '' || merchantNo.length > MAX_MERCHANT_NO_LENGTH) {
    throw new InvalidArgumentError('merchantNo', `must have 1 to ${MAX_MERCHANT_NO_LENGTH} characters.`);
  }
  const keys = [...(options.key === undefined ? [] : [options.key]), ...(options.keys ?? [])];
  if (keys.length === 0 || keys.includes('')) {
    throw new InvalidArgumentError('key', `of merchant ${merchantNo} is missing.`);
  }
  for (const key of keys) assertKey(key);
  // The first one signs, and so counts as the newest.
  const namedKeys = keys.map((key, index) => ({ id: `k${keys.length - index}`, key }));
  return build({ merchantNo, namedKeys, ...sourcesOf(options) });
}

function assertKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH)
    throw new InvalidArgumentError('key', `must have at most ${MAX_KEY_LENGTH} characters.`);
}

function build({ merchantNo, namedKeys, allowedSources }: KeptMerchant): Merchant {
  const keys = namedKeys.map(({ key }) => key);
  const [key = ''] = keys;
  if ((allowedSources?.length ?? 0) > MAX_SOURCES) {
    throw new InvalidArgumentError('allowedSources', `must hold at most ${MAX_SOURCES} addresses and ranges.`);
  }
  const sources = readSourceList(allowedSources);
  return { merchantNo, key, keys, namedKeys, sources, ...(allowedSources ? { allowedSources } : {}) };
}

function viewOf({ merchantNo, namedKeys, ...rest }: Merchant): MerchantView {
  return { merchantNo, keyIds: namedKeys.map(({ id }) => id), ...sourcesOf(rest) };
}

function sourcesOf({ allowedSources }: Pick<MerchantOptions, 'allowedSources'>): {
  allowedSources?: readonly string[];
} {
  return allowedSources ? { allowedSources } : {};
}

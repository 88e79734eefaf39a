/** A merchant of every host, with a new key and an old one. */
export interface Owner {
  readonly merchantNo: string;
  readonly keys: readonly [string, string];
}

/** An order that is open at every host when a message about it comes. */
export interface Order {
  readonly owner: Owner;
  readonly orderNo: string;
  /** Whole New Taiwan dollars. */
  readonly amount: number;
  /** The payer's account: every order has its own, so that two orders can't be taken for one another unnoticed. */
  readonly account: string;
}

/** A field as it is sent. */
export type Pair = readonly [name: string, value: string];

/** The hosts' clock stands still, so that a message means the same whenever it is replayed. */
export const NOW = new Date('2026-03-02T10:00:00+08:00');
/** How far a timestamp may be off: the module's default. */
export const WINDOW_SECONDS = 660;

/** One number is the beginning of another, and one merchant's key the end of another's. */
export const OWNERS: readonly Owner[] = [
  { merchantNo: '21008024', keys: ['QGbZvggxNdGgMUnp', 'former-QGbZvggxNdGgMUnp'] },
  { merchantNo: '2100802', keys: ['key-of-2100802', 'gMUnp'] },
  { merchantNo: 'tenant_3.B-c', keys: ['鑰匙-of-tenant-3', 'A&key=B'] },
];

export const NOW_SECONDS = NOW.getTime() / 1000;

/** The order that a message of this number is about. */
export function orderOf(index: number): Order {
  const owner = OWNERS[index % OWNERS.length];
  if (!owner) throw new TypeError('There is no merchant.');
  return { owner, orderNo: `N${index}`, amount: 11 + (index % 5000), account: String(9_000_000_000_000_000 + index) };
}

/** What the platform says of such an order when it is paid, without the signature. */
export function paidFields({ owner, orderNo, amount, account }: Order): Pair[] {
  return [
    ['orgno', owner.merchantNo],
    ['secondtimestamp', String(NOW_SECONDS)],
    ['nonce_str', 'A1B2C3D4'],
    ['out_trade_no', orderNo],
    ['status', '0000'],
    ['result', '支付成功'],
    ['total_fee', `${amount}00`],
    ['orderdate', '2026-03-02 09:56:02'],
    ['bankno', '013'],
    ['acctno', account],
  ];
}

import { createHash, hash, timingSafeEqual } from 'node:crypto';
import { type Fields, sign, signingString, verify } from 'nestjs-wanpay/protocol';
import { alternate, rate } from './measure.js';
import { MERCHANT, orderNos, paidNotification } from './orders.js';
import type { Bench } from './plan.js';
import { compared, type RowHead } from './row.js';

const MESSAGES = 1000;
/** Short and many: each figure is then likely to have had the processor to itself. */
const SLICE_MS = 50;
const MORE_ROUNDS = 5;
const FLOOR = 'crypto.hash(md5) of the ready string';

/** How quickly notifications of 11 fields are signed and verified. */
export const signature: Bench = async ({ smoke, rounds }) => {
  const messages = orderNos('S', MESSAGES).map(arrived);
  const ready = messages.map((fields) => Buffer.from(signingString(fields) + MERCHANT.key).toString());
  let sink = 0;
  const side =
    <Item>(items: readonly Item[], work: (item: Item) => number) =>
    (): number =>
      rate(
        () => {
          for (const item of items) sink += work(item);
        },
        items.length,
        smoke ? 5 : SLICE_MS,
      );
  const [floor, signed, signedNaively, verified, verifiedNaively] = await alternate(
    [
      side(ready, (text) => hash('md5', text).length),
      side(messages, (fields) => sign(fields, MERCHANT.key).length),
      side(messages, (fields) => naiveSign(fields, MERCHANT.key).length),
      side(messages, (fields) => Number(verify(fields, MERCHANT.key))),
      side(messages, (fields) => Number(naiveVerify(fields, MERCHANT.key))),
    ],
    smoke ? rounds : { warmUp: rounds.warmUp * MORE_ROUNDS, counted: rounds.counted * MORE_ROUNDS },
  );
  if (sink === 0) throw new Error('Nothing was signed.');
  const head = (what: string, atLeast?: number): RowHead => ({
    what,
    beside: FLOOR,
    unit: '/s',
    ...(atLeast === undefined ? {} : { target: { atLeast } }),
  });
  return {
    rows: [
      compared(head('sign 11 fields', 0.55), floor, signed),
      compared(head('peer: filter, sort, map, join, createHash'), floor, signedNaively),
      compared(head('verify 11 fields', 0.45), floor, verified),
      compared(head('peer: the same, and timingSafeEqual'), floor, verifiedNaively),
    ],
  };
};

/** As a host's form parser makes it. */
function arrived(orderNo: string): Fields {
  return Object.fromEntries(new URLSearchParams(new URLSearchParams(paidNotification(orderNo)).toString()));
}

function naiveSign(fields: Fields, key: string): string {
  const text = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name] ?? ''}`)
    .join('&');
  return createHash('md5').update(`${text}&key=${key}`).digest('hex').toUpperCase();
}

function naiveVerify(fields: Fields, key: string): boolean {
  return timingSafeEqual(Buffer.from(naiveSign(fields, key)), Buffer.from(fields.sign ?? ''));
}

import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import axios from 'axios';
import { WanPayModule, WanPayService } from 'nestjs-wanpay';
import { createNonce, type Fields, sign, toCents, toTimestamp } from 'nestjs-wanpay/protocol';
import { startEmulator } from './host/remote.js';
import { alternate, milliseconds } from './measure.js';
import { AMOUNT, MERCHANT, orderNos } from './orders.js';
import type { Bench } from './plan.js';
import { compared } from './row.js';

const NOTIFICATION_URL = 'http://127.0.0.1:9/wanpay/notifications';

/** How long opening a payment takes, one at a time, with the platform in a process of its own. */
export const createPayment: Bench = async ({ smoke, rounds }) => {
  const emulator = await startEmulator();
  const baseUrl = `http://127.0.0.1:${emulator.port}/wxzfservice`;
  const options = { merchant: { ...MERCHANT }, baseUrl, notificationUrl: NOTIFICATION_URL };
  const host = { module: Host, imports: [WanPayModule.forRoot(options)] };
  const app = await NestFactory.createApplicationContext(host, { logger: false });
  const service = app.get(WanPayService, { strict: false });
  const count = smoke ? 5 : 500;
  const each = async (prefix: string, open: (orderNo: string) => Promise<unknown>): Promise<number> => {
    const elapsed = await milliseconds(async () => {
      for (const orderNo of orderNos(prefix, count)) await open(orderNo);
    });
    return elapsed / count;
  };
  const [posted, created] = await alternate(
    [
      (round) => {
        const bodies = new Map(orderNos(`P${round}`, count).map((orderNo) => [orderNo, signedOrder(orderNo)]));
        return each(`P${round}`, (orderNo) => post(`${baseUrl}/virtualatmpay`, bodies.get(orderNo) ?? ''));
      },
      (round) => each(`C${round}`, (orderNo) => service.createPayment({ orderNo, amount: AMOUNT, validDays: 3 })),
    ],
    rounds,
  );
  await app.close();
  await emulator.stop();
  const head = {
    what: 'createPayment against the emulator, one at a time',
    beside: 'axios.post of a signed order',
    unit: 'ms',
    target: { atMost: 1.15 },
  } as const;
  return { rows: [compared(head, posted, created)] };
};

async function post(url: string, body: string): Promise<void> {
  // On a connection of its own, as the protocol wants (2.1) and as the client does.
  const { data } = await axios.post<{ status: string }>(url, body, { headers: { Connection: 'close' } });
  if (data.status !== '900') throw new Error(`The emulator refused an order with ${data.status}.`);
}

/** A form as the client writes it. */
function signedOrder(orderNo: string): string {
  const fields: Fields = {
    orgno: MERCHANT.merchantNo,
    secondtimestamp: toTimestamp(new Date()),
    nonce_str: createNonce(),
    total_fee: toCents(AMOUNT),
    out_trade_no: orderNo,
    backurl: NOTIFICATION_URL,
    virtualatmvalidity: '3',
  };
  return new URLSearchParams({ ...fields, sign: sign(fields, MERCHANT.key) }).toString();
}

@Module({})
class Host {}

import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { type WanPayService } from 'nestjs-wanpay';
import { startHost } from './host.js';
import { startPlatform } from './platform.js';

type Call = readonly [method: Exclude<keyof WanPayService, 'events$' | 'deliveryCounts'>, ...args: readonly unknown[]];

/** What a caller in JavaScript may pass. */
const WRONG: readonly unknown[] = [
  undefined,
  null,
  5,
  'A\0',
  '\uD800',
  true,
  {},
  [],
  () => 1,
  Symbol('s'),
  new Date(NaN),
];
const TOLD: readonly unknown[] = ['invalid_field', 'notification_refused', 'handler_registration'];
const NUL_ID = `dlv_${Buffer.from(JSON.stringify(['M', 'A\0', 0, 'H'])).toString('base64url')}`;
const ON_ONE = [
  'createPayment',
  'parseReturn',
  'addHandler',
  'purge',
  'reconcile',
  'getPayment',
  'getUnknownOrder',
  'queryPayment',
  'getPaymentTimeline',
  'retireHandler',
  'replayDelivery',
] as const;
const CALLS: readonly Call[] = [
  ...WRONG.flatMap((wrong) => ON_ONE.map((method) => [method, wrong] as const)),
  ...WRONG.flatMap((wrong) => [
    ['acceptPayment', wrong, { reason: 'ours' }] as const,
    ['acceptPayment', 'A1', wrong] as const,
    ['acceptPayment', 'A1', { reason: 'ours', merchantNo: wrong === undefined ? null : wrong }] as const,
    ['backfillHandler', wrong, { from: new Date() }] as const,
    ['backfillHandler', { handler: wrong, type: 'atm.paid' }, { from: new Date() }] as const,
    ['backfillHandler', { handler: 'mail', type: wrong }, { from: new Date() }] as const,
    ['backfillHandler', { handler: 'mail', type: 'atm.paid' }, wrong] as const,
  ]),
  ['getPayment', 'A1', null],
  ['queryPayment', 'A1', null],
  ['getPaymentTimeline', 'A1', null],
  ['retireHandler', 'mail', null],
  ['listPayments', null],
  ['listDeliveries', null],
  ['replayDeliveries', null],
];

async function failureOf(service: WanPayService, [method, ...args]: Call): Promise<unknown> {
  try {
    await Reflect.apply(Reflect.get(service, method), service, args);
    return 'taken';
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error ? error.code : String(error);
  }
}

describe('a caller without types', () => {
  let wanpay: WanPayService;

  beforeEach(async () => {
    const host = await startHost('Express', await startPlatform());
    wanpay = host.wanpay;
  });

  it('is told what is wrong, whatever it passes', async () => {
    const untold: string[] = [];
    for (const call of CALLS) {
      const failure = await failureOf(wanpay, call);
      if (!TOLD.includes(failure)) untold.push(`${inspect(call)}: ${String(failure)}`);
    }
    expect(untold).toEqual([]);
  });

  it('replays nothing by an id that no ledger could hold', async () => {
    expect(await wanpay.replayDelivery(NUL_ID)).toBe(false);
  });
});

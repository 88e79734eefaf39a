import { describe, expect, it } from '@jest/globals';
import { ledgerStoreConformance } from '../../conformance.js';
import { ACCOUNT as SAMPLE_ACCOUNT } from '../../conformance/fixture.js';
import type { Payment } from '../../payment.js';
import type { StoredOutcome } from '../../store.js';
import type { StoredEvent } from '../../stored-event.js';
import { MemoryStore } from './memory-store.js';

describe('MemoryStore', () => {
  const cases = ledgerStoreConformance(() =>
    Promise.resolve({ store: new MemoryStore(), close: () => Promise.resolve() }),
  );
  for (const conformance of cases) it(conformance.name, () => conformance.run());

  it('gives back every field of a payment, its outcome and its event as they were given', async () => {
    const store = new MemoryStore();
    await store.commit([{ ...KEY, expectedVersion: 0, payment: FULL, outcomes: [OUTCOME], events: [EVENT] }]);

    const [record] = await store.load([KEY]);
    const { payment, outcomes, events } = await store.history(KEY);
    expect(record?.payment).toStrictEqual(FULL);
    expect(payment).toStrictEqual(FULL);
    expect(outcomes).toStrictEqual([OUTCOME]);
    expect(events).toStrictEqual([EVENT]);
  });

  it('keeps an event as it was when its payment changes', async () => {
    const store = new MemoryStore();
    await store.commit([{ ...KEY, expectedVersion: 0, payment: FULL, events: [EVENT] }]);
    const payer = { bankCode: '822', account: '***********54321' };
    await store.commit([{ ...KEY, expectedVersion: 1, payment: { ...FULL, payer } }]);

    const { payment, events } = await store.history(KEY);
    expect(payment?.payer).toStrictEqual(payer);
    expect(events[0]?.details.payer).toStrictEqual(FULL.payer);
  });

  it('tells apart two branches with the same codes and different names', async () => {
    const store = new MemoryStore();
    const renamed = { ...FULL, orderNo: 'B', account: { ...ACCOUNT, bankName: '另一家銀行' } };
    await store.commit([
      { ...KEY, expectedVersion: 0, payment: FULL },
      { merchantNo: KEY.merchantNo, orderNo: 'B', expectedVersion: 0, payment: renamed },
    ]);

    const records = await store.load([KEY, { ...KEY, orderNo: 'B' }]);
    expect(records.map((record) => record?.payment?.account)).toStrictEqual([ACCOUNT, renamed.account]);
  });
});

const KEY = { merchantNo: '21008024', orderNo: 'A' };
/** More than 24 days from now, before and after. */
const EARLY = new Date('2001-02-03T04:05:06.789Z');
const LATE = new Date('2101-02-03T04:05:06.789Z');

const ACCOUNT = { ...SAMPLE_ACCOUNT, expiresAt: LATE, expiresAtEstimated: true };

const FULL: Payment = {
  ...KEY,
  amount: 1280,
  livemode: true,
  state: 'paid',
  validDays: 3,
  description: 'A book',
  returnUrl: 'https://shop.example/return',
  notificationUrl: 'https://shop.example/notify',
  account: ACCOUNT,
  payer: { account: '***********12345' },
  paidAt: EARLY,
  paidAtEstimated: true,
  amountUnit: 'cents',
  otherTransfers: [{ reportedAmount: '1', transactedAt: EARLY }],
  failure: { code: '5805', message: 'failed' },
  acceptance: { reason: 'seen on the statement', acceptedAt: EARLY, by: 'Ada' },
  review: { transfers: 1, reviewedAt: EARLY, by: 'Ada' },
  replyAwaitedUntil: LATE,
  heldTransfers: [{ reportedAmount: '2' }],
  expeditedAt: LATE,
  createdAt: EARLY,
  updatedAt: new Date(),
};

const OUTCOME: StoredOutcome = {
  digest: '0123456789abcdef',
  source: 'person',
  outcome: {
    status: 'paid',
    code: 'accepted',
    reportedAmount: '128000',
    payer: { bankCode: '013', account: '***********12345' },
    transactedAt: EARLY,
    message: 'words',
    by: 'Ada',
  },
  change: { from: 'pending', to: 'paid' },
  firstSeenAt: EARLY,
  lastSeenAt: LATE,
  count: 3,
};

const EVENT: StoredEvent = {
  id: 'evt_0123456789abcdef01234567',
  seq: 0,
  type: 'atm.paid',
  occurredAt: EARLY,
  livemode: true,
  details: {
    state: 'paid',
    payer: { account: '***********12345' },
    paidAt: EARLY,
    paidAtEstimated: true,
    amountUnit: 'cents',
    otherTransfers: [{ reportedAmount: '1' }],
    failure: { code: '5805', message: 'failed' },
    acceptance: { reason: 'seen on the statement', acceptedAt: EARLY },
    late: true,
    transfer: { reportedAmount: '3' },
    outcome: { status: 'paid', code: '0000' },
    trace: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
};

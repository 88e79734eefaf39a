import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../protocol/index.js';
import type { Payment } from './payment.js';
import { readEventDetails, readOutcome, readPayment, readUnknownOrder, writeDocument } from './record.js';
import type { UnknownOrder } from './store.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 2, 1, 4, 0, second));

const PAYMENT: Payment = {
  merchantNo: '21008024',
  orderNo: 'A1',
  amount: 1280,
  livemode: true,
  state: 'opening',
  description: at(0).toISOString(),
  createdAt: at(1),
  updatedAt: at(2),
  paidAt: at(3),
  replyAwaitedUntil: at(4),
  expeditedAt: at(5),
  otherTransfers: [{ reportedAmount: '7', transactedAt: at(6) }],
  acceptance: { reason: 'receipt', acceptedAt: at(7) },
};
const OUTCOME: Outcome = { status: 'paid', code: '0000', reportedAmount: '1280', transactedAt: at(8) };
const UNKNOWN: UnknownOrder = { transfers: [], codes: ['5805'], firstSeenAt: at(9), updatedAt: at(10) };

describe('a document', () => {
  it('is read as it was written, with its moments, and no text taken for one', () => {
    expect(readPayment(writeDocument(PAYMENT))).toStrictEqual(PAYMENT);
    expect(readOutcome(writeDocument(OUTCOME))).toStrictEqual(OUTCOME);
    expect(readUnknownOrder(writeDocument(UNKNOWN))).toStrictEqual(UNKNOWN);
    expect(readEventDetails(writeDocument({ outcome: OUTCOME }))).toStrictEqual({ outcome: OUTCOME });
  });

  it.each([
    ['payment', readPayment, ['{"orderNo":"A1"}', '{"state":"paid"}']],
    ['outcome', readOutcome, ['{"status":"paid"}', '{"code":"0000"}']],
    ['unknown order', readUnknownOrder, ['{"transfers":[]}', '{"firstSeenAt":"2026-03-01T04:00:00.000Z"}']],
    ['event’s details', readEventDetails, []],
  ] as const)('of another kind is refused as %s', (_, read, parts) => {
    for (const text of ['null', '7', '"text"', ...parts]) {
      expect(() => read(text)).toThrow('A row of the ledger does not hold what its table is for.');
    }
  });
});

import { beforeEach, describe, expect, it } from '@jest/globals';
import { type OrderChange } from 'nestjs-wanpay/ledger';
import { readRecipe } from './grammar.js';
import { Judge } from './judge.js';
import { makeMessage, type Message } from './message.js';
import { signatureOf } from './signature.js';

const ACCEPTED = { status: 200, body: 'success' };
const PAID: NonNullable<OrderChange['outcomes']>[number]['outcome'] = {
  status: 'paid',
  code: '0000',
  reportedAmount: '2300',
  payer: { bankCode: '013', account: '9000000000000012' },
  transactedAt: new Date('2026-03-02T09:56:02+08:00'),
};

function messageOf(recipe: string): Message {
  return makeMessage(readRecipe(recipe));
}

describe('the judge of the fuzzer', () => {
  let judge: Judge;
  beforeEach(() => {
    judge = new Judge();
  });

  /** What it finds when a host records an outcome. */
  function recorded(outcome: typeof PAID, orderNo = 'N12'): readonly string[] {
    const times = { firstSeenAt: new Date(0), lastSeenAt: new Date(0), count: 1 };
    const outcomes = [{ digest: '', source: 'notification' as const, outcome, ...times }];
    judge.onCommit({ merchantNo: '21008024', orderNo, outcomes });
    return judge.findings.map(({ fault }) => fault);
  }

  it('signs as the protocol’s own example is signed', () => {
    const fields = Object.entries({
      ...{ t0t1: 'T1', total_fee: '8888', orgno: '1265', body: 'good', nonce_str: '71669965', empty: '' },
      secondtimestamp: '1489215551',
    });
    expect(signatureOf(fields, 'n12bQ9Ew1_2342X4rEcO')).toBe('CF949AE048C0C3B23D5FADFE9495B319');
  });

  it('finds nothing where what was signed is accepted and recorded', () => {
    const message = messageOf('12');
    judge.expect(message);
    judge.onFields(12, { ...Object.fromEntries(message.signed ?? []), sign: 'X', empty: '' });
    judge.judge(message, ACCEPTED);
    expect(recorded(PAID)).toEqual([]);
  });

  it.each([
    [
      'encoded values, which are what arrives',
      '381449 said.orderdate.814747 signing.url-encoded.917705 encoding.form-escaped-twice.501389',
      { orderdate: '%2B275760-09-13', total_fee: '146000' },
    ],
    [
      'fewer fields, and the others are dropped',
      '849534 signing.over-fewer-fields.938556 tampering.field-dropped.381912',
      { orderdate: '2026-03-02 09:56:02', total_fee: '454500' },
    ],
  ])('takes for signed what the owner of the key has signed otherwise than the platform: %s', (_, recipe, fields) => {
    expect(Object.fromEntries(messageOf(recipe).signed ?? [])).toMatchObject(fields);
  });

  it.each<[string, typeof PAID, string]>([
    ['another amount', { ...PAID, reportedAmount: '2301' }, 'N12'],
    ['another status', { ...PAID, status: 'failed', code: '5805' }, 'N12'],
    ['another account', { ...PAID, payer: { bankCode: '013', account: '9000000000000015' } }, 'N12'],
    ['another time', { ...PAID, transactedAt: new Date(0) }, 'N12'],
    ['another order', PAID, 'N15'],
  ])('finds %s where it is recorded', (_, outcome, orderNo) => {
    judge.expect(messageOf('12'));
    expect(recorded(outcome, orderNo)).toEqual(['another-meaning']);
  });

  it.each([
    ['a signature of nobody', '12 signing.zeros.1', ACCEPTED, 'another-meaning'],
    ['a source that is not allowed', '12 request.other-source.1', ACCEPTED, 'another-meaning'],
    ['what must be accepted, refused', '12 framing.chunked.1', { status: 401, body: '' }, 'fair-refused'],
    ['an error of the host’s', '12 signing.zeros.1', { status: 500, body: '' }, 'server-error'],
    ['no reply', '12 signing.zeros.1', { body: '' }, 'no-reply'],
    ['a refusal with 200', '12 signing.zeros.1', { status: 200, body: 'fail' }, 'odd-reply'],
  ])('finds %s', (_, recipe, reply, fault) => {
    const message = messageOf(recipe);
    judge.expect(message);
    judge.judge(message, reply);
    expect(judge.findings.map((finding) => finding.fault)).toEqual([fault]);
  });

  it('finds fields that were read otherwise than they were signed', () => {
    const message = messageOf('12');
    judge.expect(message);
    judge.onFields(12, { ...Object.fromEntries(message.signed ?? []), extra: 'x' });
    judge.judge(message, ACCEPTED);
    expect(judge.findings.map(({ fault }) => fault)).toEqual(['another-meaning']);
  });
});

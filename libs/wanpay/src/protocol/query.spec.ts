import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PLATFORM_CODES } from './codes.js';
import { MalformedMessageError } from './errors.js';
import { type QueryAnswer, readQueryAnswer, writeQuery } from './query.js';
import { readReply } from './reply.js';

const ORDER_NO = '220721120000ABCDEFGH';

function answer(status: unknown, data?: unknown, info = ''): QueryAnswer {
  return readQueryAnswer(readReply(JSON.stringify({ status, info, data })), ORDER_NO);
}

describe('writeQuery', () => {
  it('names the merchant and the order', () => {
    expect(writeQuery('21008024', ORDER_NO)).toEqual({ orgno: '21008024', out_trade_no: ORDER_NO });
  });
});

describe('readQueryAnswer', () => {
  it('reads a paid order with all that the platform says of it', () => {
    const data = {
      orderstatus: '0000',
      total_fee: '1280.00',
      out_trade_no: ORDER_NO,
      bankno: '013',
      acctno: '0000123456789012',
    };
    expect(answer('900', data)).toStrictEqual({
      kind: 'found',
      outcome: {
        status: 'paid',
        code: '0000',
        reportedAmount: '1280.00',
        payer: { bankCode: '013', account: '0000123456789012' },
      },
    });
  });

  it.each([
    ['5801', 'unpaid'],
    ['5803', 'closed'],
    ['5804', 'paying'],
    ['5805', 'failed'],
  ])('reads the order status %s as %s, with or without an amount', (orderstatus, status) => {
    const bare = { kind: 'found', outcome: { status, code: orderstatus } };
    expect(answer('900', { orderstatus })).toStrictEqual(bare);
    expect(answer('900', { orderstatus, total_fee: '', bankno: '', acctno: '' })).toStrictEqual(bare);
    expect(answer('900', { orderstatus, total_fee: 1280 })).toMatchObject({ outcome: { reportedAmount: '1280' } });
  });

  it('keeps an order status that the protocol does not list as unknown', () => {
    expect(answer('900', { orderstatus: '5899' })).toEqual({
      kind: 'found',
      outcome: { status: 'unknown', code: '5899' },
    });
  });

  it.each(['0000\0', '\u200b0000', '0000\ud800'])('does not take %j for paid, in either place', (code) => {
    expect(answer(code, { total_fee: '1280' })).toMatchObject({ kind: 'refused' });
    expect(() => answer('900', { orderstatus: code, total_fee: '1280' })).toThrow(MalformedMessageError);
  });

  it.each(['5223', '931'])('reads %s as a missing order, in the reply’s status and as order status', (code) => {
    expect(answer(code)).toEqual({ kind: 'missing' });
    expect(answer(code, { out_trade_no: ORDER_NO })).toEqual({ kind: 'missing' });
    expect(answer(code, { out_trade_no: '' })).toEqual({ kind: 'missing' });
    expect(answer('900', { orderstatus: code })).toEqual({ kind: 'missing' });
  });

  it.each(['901', '910', '911', '912', '913', '932', '991', '992', '993', '999', '6307', '4242'])(
    'hands on the refusal %s with the platform’s words',
    (code) => {
      expect(answer(code, undefined, '參數錯誤')).toEqual({ kind: 'refused', code, info: '參數錯誤' });
    },
  );

  it('never reads a refusal as an outcome, whatever its data says', () => {
    expect(answer('999', { orderstatus: '0000', total_fee: '1280' })).toEqual({
      kind: 'refused',
      code: '999',
      info: '',
    });
  });

  it.each([undefined, null, '', {}, { orderstatus: '' }, { total_fee: '1280' }])(
    'refuses success without an order status: %j',
    (data) => {
      expect(() => answer('900', data)).toThrow(new MalformedMessageError('The reply has no orderstatus.'));
    },
  );

  it.each([{}, { total_fee: '' }, { total_fee: null }, { total_fee: 'much' }])(
    'refuses to read paid without an amount: %j',
    (data) => {
      const reason = new MalformedMessageError('The reply says paid without an amount.');
      expect(() => answer('900', { ...data, orderstatus: '0000' })).toThrow(reason);
      expect(() => answer('0000', data)).toThrow(reason);
    },
  );

  it.each(['0000', '5801', '5223'])('refuses the order status %s of another order', (orderstatus) => {
    const data = { total_fee: '1280', out_trade_no: 'ANOTHER' };
    const reason = new MalformedMessageError('The reply is for another order.');
    expect(() => answer('900', { ...data, orderstatus })).toThrow(reason);
    expect(() => answer(orderstatus, data)).toThrow(reason);
  });

  it('accepts a reply that does not repeat the order number', () => {
    for (const out_trade_no of [undefined, null, '']) {
      expect(answer('900', { orderstatus: '5801', out_trade_no })).toMatchObject({ kind: 'found' });
    }
  });

  it('refuses a reply that names two order statuses', () => {
    const reason = new MalformedMessageError('The reply has two order statuses.');
    expect(() => answer('0000', { orderstatus: '5801', total_fee: '1280' })).toThrow(reason);
    expect(() => answer('5801', { orderstatus: '0000', total_fee: '1280' })).toThrow(reason);
    expect(answer('0000', { orderstatus: '0000', total_fee: '1280' })).toMatchObject({ outcome: { status: 'paid' } });
  });

  it('says paid only when the platform says 0000, succeeded and names an amount', () => {
    const code = fc.oneof(
      fc.constantFrom('', ...PLATFORM_CODES.map((row) => row.code)),
      fc.stringMatching(/^\d{1,4}$/),
    );
    const amount = fc.constantFrom('', '0', '0.01', '1280', '128000');
    const orderNo = fc.constantFrom('', ORDER_NO, 'ANOTHER');
    fc.assert(
      fc.property(code, code, amount, orderNo, (status, orderstatus, total_fee, out_trade_no) => {
        let read: QueryAnswer | undefined;
        try {
          read = answer(status, { orderstatus, total_fee, out_trade_no });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
        }
        const saysPaid =
          (status === '900' && orderstatus === '0000') ||
          (status === '0000' && (orderstatus === '' || orderstatus === '0000'));
        const paid = saysPaid && total_fee !== '' && out_trade_no !== 'ANOTHER';
        expect(read?.kind === 'found' && read.outcome.status === 'paid').toBe(paid);
      }),
      { numRuns: 2000 },
    );
  });
});

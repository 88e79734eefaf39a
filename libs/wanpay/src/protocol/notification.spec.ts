import { parse as parseForm } from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedMessageError } from './errors.js';
import { type Fields, readFields } from './fields.js';
import {
  NOTIFICATION_ACKNOWLEDGEMENT,
  readNotification,
  signNotification,
  withoutForeignFields,
} from './notification.js';
import { sign, verify } from './signature.js';

const KEY = 'QGbZvggxNdGgMUnp';
const REQUIRED = {
  orgno: '21008024',
  secondtimestamp: '1658376000',
  nonce_str: '71669965',
  out_trade_no: '220721120000ABCDEFGH',
  status: '0000',
};
const COMPLETE = {
  ...REQUIRED,
  result: '支付成功',
  total_fee: '128000',
  orderdate: '2022-07-21 11:59:58',
  bankno: '013',
  acctno: '0000123456789012',
};

describe('NOTIFICATION_ACKNOWLEDGEMENT', () => {
  it('is the bare word that the protocol asks for', () => {
    expect(NOTIFICATION_ACKNOWLEDGEMENT).toBe('success');
  });
});

describe('readNotification', () => {
  it('reads every field of the protocol', () => {
    expect(readNotification(COMPLETE)).toEqual({
      merchantNo: '21008024',
      orderNo: '220721120000ABCDEFGH',
      timestamp: new Date('2022-07-21T04:00:00Z'),
      outcome: {
        status: 'paid',
        code: '0000',
        reportedAmount: '128000',
        payer: { bankCode: '013', account: '0000123456789012' },
        transactedAt: new Date('2022-07-21T03:59:58Z'),
      },
      message: '支付成功',
    });
  });

  it('leaves out the optional fields that are absent', () => {
    const expected = {
      merchantNo: '21008024',
      orderNo: '220721120000ABCDEFGH',
      timestamp: new Date('2022-07-21T04:00:00Z'),
      outcome: { status: 'paid', code: '0000' },
    };
    expect(readNotification(REQUIRED)).toStrictEqual(expected);
  });

  it('takes an empty optional field for an absent one', () => {
    const empty = { result: '', total_fee: '', orderdate: '', bankno: '', acctno: '', trxtoken: '' };
    expect(readNotification({ ...REQUIRED, ...empty })).toStrictEqual(readNotification(REQUIRED));
  });

  it('reads half a payer', () => {
    expect(readNotification({ ...REQUIRED, bankno: '013' }).outcome.payer).toStrictEqual({ bankCode: '013' });
    expect(readNotification({ ...REQUIRED, acctno: '1' }).outcome.payer).toStrictEqual({ account: '1' });
  });

  it.each([
    ['0000', 'paid'],
    ['5801', 'unpaid'],
    ['5803', 'closed'],
    ['5804', 'paying'],
    ['5805', 'failed'],
    ['900', 'unknown'],
    ['0', 'unknown'],
    ['00000', 'unknown'],
    ['toString', 'unknown'],
  ])('reads the status %s as %s', (code, status) => {
    expect(readNotification({ ...REQUIRED, status: code }).outcome).toEqual({ status, code });
  });

  it.each([
    ['0000\0', '0000…'],
    ['\u200b0000', '0000…'],
    ['\u007f0000', '0000…'],
    ['00\u000000', '00 00…'],
  ])('reads the status %j, which is none of the protocol’s, as unknown', (status, code) => {
    expect(readNotification({ ...REQUIRED, status }).outcome).toEqual({ status: 'unknown', code });
  });

  it.each(['orgno', 'secondtimestamp', 'out_trade_no', 'status'] as const)(
    'refuses a notification whose %s is missing or empty',
    (name) => {
      const rest = Object.fromEntries(Object.entries(COMPLETE).filter(([other]) => other !== name));
      expect(() => readNotification(rest)).toThrow(new MalformedMessageError(`${name} is missing.`));
      expect(() => readNotification({ ...rest, [name]: '' })).toThrow(new MalformedMessageError(`${name} is missing.`));
    },
  );

  it.each(['soon', '1658376000.5', '-1', '165837600000', '16583760000000'])(
    'refuses the timestamp %s',
    (secondtimestamp) => {
      expect(() => readNotification({ ...COMPLETE, secondtimestamp })).toThrow(
        new MalformedMessageError('secondtimestamp is not a number of seconds or milliseconds.'),
      );
    },
  );

  it('reads a timestamp in milliseconds', () => {
    const notification = readNotification({ ...COMPLETE, secondtimestamp: '1658376000123' });
    expect(notification.timestamp).toEqual(new Date('2022-07-21T04:00:00.123Z'));
  });

  it.each(['2022/07/21 11:59:58', '20220721115958', '2022-07-21T11:59:58.000', '2022/7/21 11:59:58'])(
    'reads the transaction time %s',
    (orderdate) => {
      expect(readNotification({ ...REQUIRED, orderdate }).outcome.transactedAt).toEqual(
        new Date('2022-07-21T03:59:58Z'),
      );
    },
  );

  it.each(['yesterday', '2022-02-30 10:00:00', '11:59:58', '0000-01-01 00:00:00', '0001-01-01'])(
    'leaves out the transaction time %j',
    (orderdate) => {
      expect(readNotification({ ...REQUIRED, orderdate })).toStrictEqual(readNotification(REQUIRED));
    },
  );

  it('reads an order number of any length and case', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60 }), (orderNo) => {
        expect(readNotification({ ...COMPLETE, out_trade_no: orderNo }).orderNo).toBe(orderNo);
      }),
    );
  });

  it('hands the amount on as it was received', () => {
    for (const total_fee of ['0', '0.01', '1280.00', 'much']) {
      expect(readNotification({ ...COMPLETE, total_fee }).outcome.reportedAmount).toBe(total_fee);
    }
  });
});

describe('withoutForeignFields', () => {
  it('keeps every field of the protocol as it came, and no other', () => {
    const received = { ...signNotification(COMPLETE, KEY), total_fee: ['1', '2'] };
    expect(withoutForeignFields({ ...received, utm_source: 'mail', constructor: 'x' })).toEqual(received);
  });

  it.each([undefined, null, 'status=0000', 7])('leaves %j, which has no fields, as it is', (received) => {
    expect(withoutForeignFields(received)).toBe(received);
  });
});

describe('signNotification', () => {
  it('signs a notification that verifies and reads back, as a form and as JSON', () => {
    // What readFields refuses in a value is left out: folded fields, and what stands for bytes that are not UTF-8.
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !/[&\uFFFD]/.test(value));
    fc.assert(
      fc.property(text, text, (result, extension) => {
        const signed = signNotification({ ...COMPLETE, result, extension }, KEY);
        const form = readFields(parseForm(new URLSearchParams(signed).toString()));
        const json = readFields(JSON.parse(JSON.stringify(signed)));
        for (const received of [form, json]) {
          expect(verify(received, KEY)).toBe(true);
          expect(readNotification(received)).toEqual(readNotification({ ...COMPLETE, result }));
        }
      }),
    );
  });

  it('adds the present time and a nonce where they are missing', () => {
    const fields = { orgno: '21008024', out_trade_no: 'A1', status: '0000' };
    const before = Math.floor(Date.now() / 1000);
    const signed = signNotification(fields, KEY);
    expect(Number(signed.secondtimestamp)).toBeGreaterThanOrEqual(before);
    expect(Number(signed.secondtimestamp)).toBeLessThanOrEqual(Date.now() / 1000);
    expect(signed.nonce_str).toMatch(/^[0-9A-Z]{8}$/);
    expect(signNotification(fields, KEY).nonce_str).not.toBe(signed.nonce_str);
    expect(verify(signed, KEY)).toBe(true);
  });

  it('keeps what it is given, and leaves the given object alone', () => {
    const fields: Fields = Object.freeze({ ...COMPLETE });
    expect(signNotification(fields, KEY)).toEqual({ ...COMPLETE, sign: sign(COMPLETE, KEY) });
    expect(fields).toEqual(COMPLETE);
  });

  it('replaces a signature that is there already', () => {
    expect(signNotification({ ...COMPLETE, sign: 'X' }, KEY).sign).toBe(sign(COMPLETE, KEY));
  });
});

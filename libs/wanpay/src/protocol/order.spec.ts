import { parse as parseForm } from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_AMOUNT, MIN_AMOUNT } from './amount.js';
import { InvalidFieldError, MalformedMessageError } from './errors.js';
import { readFields } from './fields.js';
import {
  assertOrderRequest,
  createOrderNo,
  MAX_VALID_DAYS,
  type OrderRequest,
  readVirtualAccount,
  writeOrder,
} from './order.js';
import { readReply, type Reply } from './reply.js';
import { signingString } from './signature.js';

const REQUEST: OrderRequest = { merchantNo: '21008024', orderNo: '220721120000ABCDEFGH', amount: 1280 };

const instant = fc.date({
  min: new Date('2000-01-01T00:00:00+08:00'),
  max: new Date('2099-12-31T23:59:59+08:00'),
  noInvalidDate: true,
});

/** Tells which field `assertOrderRequest` refuses; undefined when it refuses none. */
function refusedField(change: Partial<Record<keyof OrderRequest, unknown>>): string | undefined {
  try {
    assertOrderRequest({ ...REQUEST, ...change } as OrderRequest);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidFieldError);
    return error instanceof InvalidFieldError ? error.field : undefined;
  }
}

describe('createOrderNo', () => {
  it('is twenty digits and upper-case letters, fit to be sent', () => {
    fc.assert(
      fc.property(instant, (now) => {
        const orderNo = createOrderNo(now);
        expect(orderNo).toMatch(/^[0-9A-Z]{20}$/);
        expect(refusedField({ orderNo })).toBeUndefined();
      }),
    );
  });

  it('begins with the time in Taipei', () => {
    expect(createOrderNo(new Date('2022-07-21T16:00:09Z'), () => new Uint8Array(8))).toBe('22072200000900000000');
  });

  it('ends with what the random source gives', () => {
    const random = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => 31 - i);
    expect(createOrderNo(new Date('2022-07-21T16:00:09Z'), random)).toBe('220722000009ZYXWVTSR');
  });

  it('sorts by the second in which it was made, whatever the random part', () => {
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        const [first, second] = [one, other].sort((a, b) => a.getTime() - b.getTime()) as [Date, Date];
        fc.pre(Math.floor(first.getTime() / 1000) < Math.floor(second.getTime() / 1000));
        const [highest, lowest] = [new Uint8Array(8).fill(31), new Uint8Array(8)];
        expect(createOrderNo(first, () => highest) < createOrderNo(second, () => lowest)).toBe(true);
      }),
    );
  });

  it('does not repeat itself within one second', () => {
    const now = new Date('2022-07-21T04:00:00Z');
    expect(new Set(Array.from({ length: 2000 }, () => createOrderNo(now))).size).toBe(2000);
  });
});

describe('assertOrderRequest', () => {
  it('accepts the least and the most that the protocol allows', () => {
    expect(refusedField({})).toBeUndefined();
    expect(refusedField({ amount: MIN_AMOUNT, orderNo: 'A', validDays: 1, description: '' })).toBeUndefined();
    const long = `https://shop.example/${'x'.repeat(235)}`;
    expect(long).toHaveLength(256);
    const most = { orderNo: 'Z'.repeat(20), description: '中'.repeat(256), returnUrl: long, notificationUrl: long };
    expect(refusedField({ ...most, amount: MAX_AMOUNT, validDays: MAX_VALID_DAYS })).toBeUndefined();
  });

  it.each([10, 11.5, MAX_AMOUNT + 1, NaN])('refuses the amount %d', (amount) => {
    expect(refusedField({ amount })).toBe('amount');
  });

  it.each(['', 'a', 'ORDERa', 'A_1', 'A-1', 'A 1', 'A1\n', 'É', '１', '訂', 'Z'.repeat(21)])(
    'refuses the order number %j',
    (orderNo) => {
      expect(refusedField({ orderNo })).toBe('orderNo');
    },
  );

  it.each([0, -1, 31, 1.5, NaN, Infinity])('refuses a validity of %d days', (validDays) => {
    expect(refusedField({ validDays })).toBe('validDays');
  });

  it('allows thirty days at most', () => {
    expect(MAX_VALID_DAYS).toBe(30);
    for (let validDays = 1; validDays <= 30; validDays += 1) expect(refusedField({ validDays })).toBeUndefined();
  });

  it.each(['description', 'returnUrl', 'notificationUrl'] as const)('refuses a %s of 257 characters', (field) => {
    expect(refusedField({ [field]: `https://shop.example/${'x'.repeat(236)}` })).toBe(field);
  });

  it.each([
    'A&B=C',
    'tea&total_fee=1',
    ('x'.repeat(255) + '😀').slice(0, 256),
    '\uDE00 tea',
    'tea\0',
    'tea\nfor two',
    '\u007F',
    '\u0085',
    null,
    7,
    {},
    ['tea'],
  ])('refuses the description %j', (description) => {
    expect(refusedField({ description })).toBe('description');
  });

  it.each(['茶 & 糕', 'A & B', 'a=b', '100% 😀', '&', '&='])('accepts the description %j', (description) => {
    expect(refusedField({ description })).toBeUndefined();
  });

  it.each(['returnUrl', 'notificationUrl'] as const)('accepts as %s an address that the platform takes', (field) => {
    for (const address of ['', 'https://shop.example', 'http://127.0.0.1:3000/done/1', 'https://shop.example/付款']) {
      expect(refusedField({ [field]: address })).toBeUndefined();
    }
  });

  it.each([
    'https://shop.example/done?order=1',
    'https://shop.example/done?',
    'https://shop.example/#done',
    'https://shop.example/a&b',
    'https://shop.example/a b',
    'https://shop.example/\n',
    'ftp://shop.example',
    'javascript:alert(1)',
    'javascript:https://shop.example',
    'xhttps://shop.example',
    '//shop.example',
    'shop.example',
    'https://',
    'done',
    7,
    null,
    new URL('https://shop.example'),
  ])('refuses %p as an address', (address) => {
    expect(refusedField({ returnUrl: address })).toBe('returnUrl');
    expect(refusedField({ notificationUrl: address })).toBe('notificationUrl');
  });

  it.each(['', 'M'.repeat(31), 'M\0', 'M&a=1', '\uD800', 21008024, null])(
    'refuses the merchant number %j',
    (merchantNo) => {
      expect(refusedField({ merchantNo })).toBe('merchantNo');
    },
  );

  it('refuses a number in a list, which reads like its text', () => {
    expect(refusedField({ orderNo: ['A1'] })).toBe('orderNo');
  });

  it('lets nothing through that would not be signed as it was meant, whatever type it has', () => {
    const texts = ['description', 'returnUrl', 'notificationUrl', 'merchantNo', 'orderNo'] as const;
    const piece = fc.constantFrom('&', '=', '?', '#', 'a', '😀', '\uD83D', '\0', '茶', 'https://a.example/', ' ');
    const anything = fc.oneof(
      fc.anything(),
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts), anything, (field, value) => {
        const request = { ...REQUEST, [field]: value };
        try {
          assertOrderRequest(request);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidFieldError);
          return;
        }
        const form = parseForm(new URLSearchParams(writeOrder(request)).toString());
        expect(readFields(form)).toEqual(writeOrder(request));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [{ description: 7 }, 'description must be text.'],
    [{ description: 'x'.repeat(257) }, 'description must be at most 256 characters.'],
    [{ description: 'tea\n' }, 'description must not hold control characters or line breaks.'],
    [{ description: '\uD83D' }, 'description holds half a character'],
    [{ description: 'a&b=c' }, 'description must not hold & followed by a name and =,'],
    [{ returnUrl: 'done' }, 'returnUrl must be an address that begins with http:// or https://'],
    [{ merchantNo: '' }, 'merchantNo must not be empty.'],
  ])('says what is wrong with %j', (fields, message) => {
    expect(() => {
      assertOrderRequest({ ...REQUEST, ...(fields as object) });
    }).toThrow(message);
  });

  it('says what to do, under the name that the caller wrote', () => {
    expect(() => {
      assertOrderRequest({ ...REQUEST, orderNo: 'a' });
    }).toThrow('orderNo must be 1 to 20 digits and upper-case letters (A to Z).');
    expect(() => {
      assertOrderRequest({ ...REQUEST, validDays: 31 });
    }).toThrow('validDays must be a whole number of days from 1 to 30.');
  });
});

describe('writeOrder', () => {
  it('writes every field under the protocol’s name, the amount in cents', () => {
    const request = {
      ...REQUEST,
      validDays: 3,
      description: '旺沛 😀',
      returnUrl: 'https://shop.example/done?order=1&lang=zh',
      notificationUrl: 'https://shop.example/atm',
    };
    expect(writeOrder(request)).toEqual({
      orgno: '21008024',
      out_trade_no: '220721120000ABCDEFGH',
      total_fee: '128000',
      virtualatmvalidity: '3',
      body: '旺沛 😀',
      returnurl: 'https://shop.example/done?order=1&lang=zh',
      backurl: 'https://shop.example/atm',
    });
  });

  it('leaves what is not given out of the signature', () => {
    expect(signingString(writeOrder(REQUEST))).toBe(
      'orgno=21008024&out_trade_no=220721120000ABCDEFGH&total_fee=128000&key=',
    );
  });

  it('keeps within the twelve digits of total_fee', () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_AMOUNT, max: MAX_AMOUNT }), (amount) => {
        expect(writeOrder({ ...REQUEST, amount }).total_fee).toMatch(/^\d{2,10}00$/);
      }),
    );
  });
});

describe('readVirtualAccount', () => {
  const OPENED_AT = new Date('2022-07-21T04:00:00Z');
  const data = {
    code_url: '46710722851832',
    expiredate: '2022-07-22 23:59:59',
    bankcode: '013',
    bankname: '國泰世華商業銀行',
    branchcode: '2022',
    branchname: '大昌分行',
    receiver: '旺沛大數位股份有限公司',
    out_trade_no: REQUEST.orderNo,
  };
  const replyWith = (change: object): Reply =>
    readReply(JSON.stringify({ status: '900', info: '', data: { ...data, ...change } }));

  it('reads the account', () => {
    expect(readVirtualAccount(replyWith({}), REQUEST, OPENED_AT)).toStrictEqual({
      number: '46710722851832',
      bankCode: '013',
      bankName: '國泰世華商業銀行',
      branchCode: '2022',
      branchName: '大昌分行',
      holder: '旺沛大數位股份有限公司',
      expiresAt: new Date('2022-07-22T15:59:59Z'),
    });
  });

  it.each(['', '467107228', '4'.repeat(21), '4671072285183X', '４６７１０７２２８５１８３２', '46710.22851832', '- -'])(
    'refuses the account number %j',
    (code_url) => {
      expect(() => readVirtualAccount(replyWith({ code_url }), REQUEST, OPENED_AT)).toThrow(
        new MalformedMessageError('code_url is not an account of 10 to 20 digits.'),
      );
    },
  );

  it.each([
    [' 46710722851832', '46710722851832'],
    ['4671-0722-8518-32', '46710722851832'],
    ['4671 0722 8518 3200', '4671072285183200'],
    ['4671072285', '4671072285'],
    ['4'.repeat(20), '4'.repeat(20)],
    [46710722851832, '46710722851832'],
  ])('reads the account %j', (code_url, number) => {
    expect(readVirtualAccount(replyWith({ code_url }), REQUEST, OPENED_AT).number).toBe(number);
  });

  it('reads a JSON number of 20 digits to the last', () => {
    const reply = readReply('{"status":900,"data":{"code_url":46710722851832467107}}');
    expect(readVirtualAccount(reply, REQUEST, OPENED_AT).number).toBe('46710722851832467107');
  });

  it('reads any account, however its digits are grouped', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^\d{10,20}$/),
        fc.constantFrom(' ', '-', ' - '),
        fc.integer({ min: 1, max: 6 }),
        (...given) => {
          const [number, separator, size] = given;
          const code_url = number.match(new RegExp(`.{1,${size}}`, 'g'))?.join(separator);
          expect(readVirtualAccount(replyWith({ code_url }), REQUEST, OPENED_AT).number).toBe(number);
        },
      ),
    );
  });

  it.each(['2022/07/22', '2022/7/22', '20220722', '2022-07-22T23:59:59.000', '2022/07/22 23:59:59'])(
    'reads the deadline %s',
    (expiredate) => {
      const account = readVirtualAccount(replyWith({ expiredate }), REQUEST, OPENED_AT);
      expect(account.expiresAt).toEqual(new Date('2022-07-22T15:59:59Z'));
      expect(account).not.toHaveProperty('expiresAtEstimated');
    },
  );

  it.each([undefined, null, '', 'soon', '2022-02-30', '20221301', '0000-00-00 00:00:00'])(
    'works the deadline %j out from the days asked for, or thirty, and says so',
    (expiredate) => {
      const reply = replyWith({ expiredate });
      expect(readVirtualAccount(reply, { ...REQUEST, validDays: 3 }, OPENED_AT)).toMatchObject({
        number: '46710722851832',
        expiresAt: new Date('2022-07-24T15:59:59Z'),
        expiresAtEstimated: true,
      });
      expect(readVirtualAccount(reply, REQUEST, OPENED_AT)).toMatchObject({
        expiresAt: new Date('2022-08-20T15:59:59Z'),
        expiresAtEstimated: true,
      });
    },
  );

  it('reads an account whose bank and holder are not named', () => {
    const reply = readReply('{"status":"900","data":{"code_url":"46710722851832","expiredate":"20220722"}}');
    expect(readVirtualAccount(reply, REQUEST, OPENED_AT)).toStrictEqual({
      number: '46710722851832',
      bankCode: '',
      bankName: '',
      branchCode: '',
      branchName: '',
      holder: '',
      expiresAt: new Date('2022-07-22T15:59:59Z'),
    });
  });

  it('refuses a reply without data', () => {
    expect(() => readVirtualAccount(readReply('{"status":"900"}'), REQUEST, OPENED_AT)).toThrow(MalformedMessageError);
  });

  it('refuses the reply to another order', () => {
    expect(() => readVirtualAccount(replyWith({ out_trade_no: 'ANOTHER' }), REQUEST, OPENED_AT)).toThrow(
      new MalformedMessageError('The reply is for another order.'),
    );
  });

  it('accepts a reply that does not repeat the order number', () => {
    for (const out_trade_no of [undefined, null, '']) {
      expect(readVirtualAccount(replyWith({ out_trade_no }), REQUEST, OPENED_AT).number).toBe('46710722851832');
    }
  });
});

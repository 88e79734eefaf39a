/**
 * Where the vendor's document contradicts itself, row by row, with the vendor's own samples where there are any.
 *
 * Two rows have nothing that this folder could do, so they are proved elsewhere:
 * - "retries" (after 1, 3 and 5 minutes, counted from the first attempt or from the one before): the schedule is the
 *   emulator's, and the module relies on neither reading.
 * - "address" (`/https://api.wan-pay.com/...`, a typo): the base URL is the gateway's configuration.
 */
import { parse as parseForm } from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import { matchAmount, toCents } from './amount.js';
import { describeCode } from './codes.js';
import { InvalidFieldError, MalformedMessageError } from './errors.js';
import { readFields } from './fields.js';
import { readNotification, signNotification } from './notification.js';
import { assertOrderRequest, readVirtualAccount, writeOrder } from './order.js';
import { readQueryAnswer } from './query.js';
import { readReply } from './reply.js';
import { sign, verify } from './signature.js';

const KEY = 'QGbZvggxNdGgMUnp';

/** The sample reply to an order (3.1.1), as the document prints it. */
const ORDER_SAMPLE = `{
    "status": "900",
    "info": "下单成功",
    "data": {
        "code_url": "46710722851832",
        "expiredate": "2022-07-22 23:59:59",
        "bankcode": "013",
        "bankname": "國泰世華商業銀行",
        "branchcode": "2022",
        "branchname": "大昌分行",
        "receiver": "旺沛大數位股份有限公司",
        "out_trade_no": "07191703354308glfv"
    }
}`;
const ORDER_SAMPLE_NO = '07191703354308glfv';
const OPENED_AT = new Date('2022-07-19T09:03:35Z');

/** The sample reply to a query (3.1.3); the document lost its outer braces. */
const QUERY_SAMPLE = `{
"status": "900",
"info": "查詢訂單成功",
"data": {
"total_fee": 0.01,
"out_trade_no": "1000201701201708041015eNuBrl6P",
"orderstatus": "0000"
}
}`;
const QUERY_SAMPLE_NO = '1000201701201708041015eNuBrl6P';

const NOTIFICATION = {
  orgno: '21008024',
  secondtimestamp: '1658376000',
  nonce_str: '71669965',
  out_trade_no: '220721120000ABCDEFGH',
  status: '0000',
};

describe('amounts: cents by 1.2, dollars with two decimals by the query', () => {
  it('sends an order in cents', () => {
    expect(writeOrder({ merchantNo: '21008024', orderNo: 'A1', amount: 11 }).total_fee).toBe('1100');
  });

  it('reads the amount of the vendor’s query sample, a JSON number', () => {
    expect(readQueryAnswer(readReply(QUERY_SAMPLE), QUERY_SAMPLE_NO)).toStrictEqual({
      kind: 'found',
      outcome: { status: 'paid', code: '0000', reportedAmount: '0.01' },
    });
  });

  it.each([
    [1280, 'dollars'],
    ['1280', 'dollars'],
    ['1280.00', 'dollars'],
    [128000, 'cents'],
    ['128000', 'cents'],
  ])('matches a query’s %j with NT$ 1280 and records %s', (total_fee, unit) => {
    const reply = readReply(JSON.stringify({ status: '900', data: { orderstatus: '0000', total_fee } }));
    const answer = readQueryAnswer(reply, 'A1');
    expect(answer.kind === 'found' && matchAmount(answer.outcome.reportedAmount ?? '', 1280)).toBe(unit);
  });

  it.each(['0.01', '12.80', '1279', '1281', '127999', '128001', '12800', '12800000'])(
    'matches %s with NT$ 1280 in neither unit',
    (reported) => {
      expect(matchAmount(reported, 1280)).toBeUndefined();
    },
  );
});

describe('notification total_fee: unit not stated, optional', () => {
  it.each([
    ['1280', 'dollars'],
    ['1280.00', 'dollars'],
    [toCents(1280), 'cents'],
    ['1281', undefined],
  ])('compares %s in the same way', (total_fee, unit) => {
    const { outcome } = readNotification({ ...NOTIFICATION, total_fee });
    expect(matchAmount(outcome.reportedAmount ?? '', 1280)).toBe(unit);
  });

  it.each([{}, { total_fee: '' }])('tells that no amount came, so that a query can confirm it: %j', (fields) => {
    const { outcome } = readNotification({ ...NOTIFICATION, ...fields });
    expect(outcome).toStrictEqual({ status: 'paid', code: '0000' });
    expect(matchAmount(outcome.reportedAmount ?? '', 1280)).toBeUndefined();
  });

  it('does not let that query leave the amount unsaid as well', () => {
    const reply = readReply('{"status":"900","data":{"orderstatus":"0000"}}');
    expect(() => readQueryAnswer(reply, 'A1')).toThrow(MalformedMessageError);
  });
});

describe('expiredate: eight digits, sampled with a time of day', () => {
  it('reads the vendor’s sample', () => {
    expect(readVirtualAccount(readReply(ORDER_SAMPLE), { orderNo: ORDER_SAMPLE_NO }, OPENED_AT).expiresAt).toEqual(
      new Date('2022-07-22T15:59:59Z'),
    );
  });

  it('reads eight digits as the last second of that day in Taipei', () => {
    const reply = readReply(ORDER_SAMPLE.replace('2022-07-22 23:59:59', '20220722'));
    expect(readVirtualAccount(reply, { orderNo: ORDER_SAMPLE_NO }, OPENED_AT).expiresAt).toEqual(
      new Date('2022-07-22T15:59:59Z'),
    );
  });

  it('reads eight digits that came as a JSON number', () => {
    const reply = readReply(ORDER_SAMPLE.replace('"2022-07-22 23:59:59"', '20220722'));
    expect(readVirtualAccount(reply, { orderNo: ORDER_SAMPLE_NO }, OPENED_AT).expiresAt).toEqual(
      new Date('2022-07-22T15:59:59Z'),
    );
  });
});

describe('out_trade_no: twenty upper-case characters, sampled in lower case and with thirty', () => {
  it.each([ORDER_SAMPLE_NO, QUERY_SAMPLE_NO, 'A_1', 'A'.repeat(21)])('does not send %s', (orderNo) => {
    expect(() => {
      assertOrderRequest({ merchantNo: '21008024', orderNo, amount: 11 });
    }).toThrow(InvalidFieldError);
  });

  it('receives the order sample, whose number has lower case, with its account of 14 digits', () => {
    expect(readVirtualAccount(readReply(ORDER_SAMPLE), { orderNo: ORDER_SAMPLE_NO }, OPENED_AT)).toStrictEqual({
      number: '46710722851832',
      bankCode: '013',
      bankName: '國泰世華商業銀行',
      branchCode: '2022',
      branchName: '大昌分行',
      holder: '旺沛大數位股份有限公司',
      expiresAt: new Date('2022-07-22T15:59:59Z'),
    });
  });

  it('receives the query sample, whose number has thirty characters', () => {
    expect(QUERY_SAMPLE_NO).toHaveLength(30);
    expect(readQueryAnswer(readReply(QUERY_SAMPLE), QUERY_SAMPLE_NO).kind).toBe('found');
  });

  it.each([ORDER_SAMPLE_NO, QUERY_SAMPLE_NO, 'A_1'])('receives a notification of the order %s', (out_trade_no) => {
    expect(readNotification({ ...NOTIFICATION, out_trade_no }).orderNo).toBe(out_trade_no);
  });

  it('takes numbers that differ in case for different orders', () => {
    expect(() =>
      readVirtualAccount(readReply(ORDER_SAMPLE), { orderNo: ORDER_SAMPLE_NO.toUpperCase() }, OPENED_AT),
    ).toThrow(MalformedMessageError);
    expect(() => readQueryAnswer(readReply(QUERY_SAMPLE), QUERY_SAMPLE_NO.toUpperCase())).toThrow(
      MalformedMessageError,
    );
  });
});

describe('status: a string, or a JSON number', () => {
  it.each(['"900"', '900'])('reads the status %s of both samples as success', (status) => {
    const order = readReply(ORDER_SAMPLE.replace('"900"', status));
    const query = readReply(QUERY_SAMPLE.replace('"900"', status));
    expect([order.status, query.status]).toEqual(['900', '900']);
    expect(readQueryAnswer(query, QUERY_SAMPLE_NO).kind).toBe('found');
  });

  it('never takes the number 0 for the order status 0000', () => {
    const reply = readReply('{"status":900,"data":{"orderstatus":0,"total_fee":1280}}');
    expect(readQueryAnswer(reply, 'A1')).toMatchObject({ kind: 'found', outcome: { status: 'unknown', code: '0' } });
  });
});

describe('data: a string by the table, an object by the samples', () => {
  it('reads the data of the order sample alike as an object and as a string', () => {
    const asObject = readReply(ORDER_SAMPLE);
    const sample = JSON.parse(ORDER_SAMPLE) as { data: object };
    const asString = readReply(JSON.stringify({ ...sample, data: JSON.stringify(sample.data) }));
    expect(asString).toEqual(asObject);
    expect(asObject.data.bankname).toBe('國泰世華商業銀行');
  });

  it.each([
    '{"status":"5223","info":"此商戶訂單號不存在"}',
    '{"status":"5223","info":"此商戶訂單號不存在","data":""}',
    '{"status":"5223","info":"此商戶訂單號不存在","data":null}',
  ])('reads the failure %s without data', (text) => {
    expect(readReply(text)).toStrictEqual({ status: '5223', info: '此商戶訂單號不存在', data: {} });
  });
});

describe('5223: a code of the order interface and of the query', () => {
  it('means what the interface that returned it means', () => {
    expect(describeCode('5223', 'order')?.zh).toBe('查詢結果集為空');
    expect(describeCode('5223', 'query')?.zh).toBe('此商戶訂單號不存在');
  });

  it('tells a query that there is no such order', () => {
    expect(readQueryAnswer(readReply('{"status":"5223"}'), 'A1')).toEqual({ kind: 'missing' });
  });
});

describe('5801: an order status that may come as the reply’s status', () => {
  it.each([
    '{"status":"900","data":{"orderstatus":"5801"}}',
    '{"status":"900","data":{"orderstatus":5801}}',
    '{"status":"5801","info":"未支付"}',
    '{"status":5801,"data":null}',
    '{"status":"5801","data":{"orderstatus":"5801","out_trade_no":"A1"}}',
  ])('is not paid yet in %s', (text) => {
    expect(readQueryAnswer(readReply(text), 'A1')).toStrictEqual({
      kind: 'found',
      outcome: { status: 'unpaid', code: '5801' },
    });
  });
});

describe('returnurl: the payer comes back with no field list', () => {
  const signed = signNotification(
    { ...NOTIFICATION, orderdate: '2020-04-09 11:56:02', trxtoken: '', total_fee: '128000', cardtype: 'V' },
    KEY,
  );
  const query = new URLSearchParams(signed).toString();

  it('reads the signed fields of such a query, unknown and empty ones included', () => {
    expect(query).toContain('trxtoken=&');
    const fields = readFields(parseForm(query));
    expect(verify(fields, KEY)).toBe(true);
    expect(readNotification(fields).outcome).toStrictEqual({
      status: 'paid',
      code: '0000',
      reportedAmount: '128000',
      transactedAt: new Date('2020-04-09T03:56:02Z'),
    });
  });

  it('notices when the payer adds, changes or moves a field on the way', () => {
    expect(verify(readFields(parseForm(`${query}&extra=1`)), KEY)).toBe(false);
    expect(verify({ ...signed, total_fee: '1100' }, KEY)).toBe(false);
    const folded = { ...signed, status: '0000&total_fee=128000', total_fee: '' };
    expect(sign(folded, KEY)).toBe(signed.sign);
    expect(() => readFields(folded)).toThrow(MalformedMessageError);
  });
});

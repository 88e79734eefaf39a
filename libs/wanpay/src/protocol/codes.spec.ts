import { describe, expect, it } from '@jest/globals';
import { describeCode, DUPLICATE_ORDER_CODE, PAID_CODE, PLATFORM_CODES, SUCCESS_CODE } from './codes.js';
import { outcomeStatus } from './outcome.js';

/** 3.2.1 as the document prints it: class, code, wording. */
const DOCUMENT = [
  ['general', '900', '成功'],
  ['general', '901', '驗證碼同步成功'],
  ['general', '910', '參數錯誤'],
  ['general', '911', '該商戶無此許可權'],
  ['general', '912', '驗證碼同步失敗'],
  ['general', '913', '商戶校驗失敗'],
  ['general', '931', '訂單不存在'],
  ['general', '932', '交易處理中'],
  ['general', '991', '轉發異常'],
  ['general', '992', '資料庫異常'],
  ['general', '993', '其它錯誤'],
  ['general', '999', '失敗'],
  ['order', '6307', '此訂單號已存在'],
  ['order', '5223', '查詢結果集為空'],
  ['order-status', '5223', '此商戶訂單號不存在'],
  ['order-status', '5801', '未支付'],
  ['order-status', '5803', '已關閉'],
  ['order-status', '5804', '用戶支付中'],
  ['order-status', '0000', '支付成功'],
  ['order-status', '5805', '支付失敗'],
] as const;

const INTERFACES = ['order', 'query'] as const;

describe('PLATFORM_CODES', () => {
  it('holds every row of the document’s table, in its order and in its words, and no other', () => {
    expect(PLATFORM_CODES.map((row) => [row.class, row.code, row.zh])).toEqual(DOCUMENT);
  });

  it('says every code in English too', () => {
    for (const row of PLATFORM_CODES) expect(row.en).toMatch(/^[A-Z][\x20-\x7e]+$/);
  });

  it.each(INTERFACES)('has one meaning at most per code of the %s interface', (from) => {
    const codes = PLATFORM_CODES.filter((row) => (row.interface ?? from) === from).map((row) => row.code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(PLATFORM_CODES)('lists $code ($en) under the interface that its class belongs to', (row) => {
    expect(row.interface).toBe({ general: undefined, order: 'order', 'order-status': 'query' }[row.class]);
  });

  it.each(PLATFORM_CODES.filter((row) => row.class === 'order-status' && row.code !== '5223'))(
    'knows what the order status $code ($en) means for a payment',
    ({ code }) => {
      expect(outcomeStatus(code)).not.toBe('unknown');
    },
  );

  it('counts success, whatever may still go through and orders that exist already as having acted', () => {
    const acted = PLATFORM_CODES.filter((row) => row.mayHaveActed).map((row) => row.code);
    expect(acted).toEqual(['900', '901', '932', '991', '992', '993', '999', '6307', '5223']);
  });

  it('says of which codes the same request may get another answer later', () => {
    const retryable = PLATFORM_CODES.filter((row) => row.retryable).map((row) => row.code);
    expect(retryable).toEqual(['912', '932', '991', '992', '993', '999', '5223', '5801', '5804']);
    expect(describeCode('5223', 'query')).toMatchObject({ retryable: false });
  });

  it('never asks to send a wrong request or a used order number again', () => {
    for (const code of ['910', '911', '913', '931', '6307']) {
      expect(describeCode(code, 'order')).toMatchObject({ retryable: false });
    }
  });

  it('asks again while a payment may still come', () => {
    expect(describeCode('5801', 'query')).toMatchObject({ retryable: true });
    expect(describeCode('5804', 'query')).toMatchObject({ retryable: true });
    for (const code of ['0000', '5803', '5805'])
      expect(describeCode(code, 'query')).toMatchObject({ retryable: false });
  });
});

describe('describeCode', () => {
  it('reads 5223 by the interface that returned it', () => {
    expect(describeCode('5223', 'order')).toMatchObject({ class: 'order', zh: '查詢結果集為空' });
    expect(describeCode('5223', 'query')).toMatchObject({ class: 'order-status', zh: '此商戶訂單號不存在' });
  });

  it('finds the general codes from either interface', () => {
    for (const [kind, code, zh] of DOCUMENT.filter(([rowClass]) => rowClass === 'general')) {
      for (const from of INTERFACES) expect(describeCode(code, from)).toMatchObject({ class: kind, code, zh });
    }
  });

  it('does not find a code where the interface does not return it', () => {
    expect(describeCode('6307', 'query')).toBeUndefined();
    for (const code of ['5801', '5803', '5804', '5805', '0000']) expect(describeCode(code, 'order')).toBeUndefined();
  });

  it.each(['', '0', '00000', ' 900', '900 ', '9000', 'constructor', '__proto__'])('knows no code %j', (code) => {
    for (const from of INTERFACES) expect(describeCode(code, from)).toBeUndefined();
  });

  it('knows the codes that have a name of their own', () => {
    expect(describeCode(SUCCESS_CODE, 'order')?.zh).toBe('成功');
    expect(describeCode(DUPLICATE_ORDER_CODE, 'order')?.zh).toBe('此訂單號已存在');
    expect(describeCode(PAID_CODE, 'query')?.zh).toBe('支付成功');
  });
});

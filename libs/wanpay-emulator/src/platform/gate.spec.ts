import { afterEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../testing/shop.js';

const FORM = 'application/x-www-form-urlencoded';

describe('what every request must pass', () => {
  let shop: Shop;
  afterEach(() => shop.close());

  it('answers 913 to a merchant it does not know', async () => {
    shop = await Shop.open();
    expect(await shop.order({ orgno: '99999999' })).toMatchObject({ httpStatus: 200, status: '913' });
    expect(await shop.query('A1', { orgno: '99999999' })).toMatchObject({ status: '913' });
  });

  it('answers 913 to a wrong signature, a wrong key, and a field changed after signing', async () => {
    shop = await Shop.open();
    const fields = shop.signed({ total_fee: '128000', out_trade_no: 'A1' });
    const wrong = [
      { ...fields, sign: '0'.repeat(32) },
      { ...fields, sign: fields.sign?.toLowerCase() ?? '' },
      { ...fields, total_fee: '1100' },
      { ...fields, unsigned: 'extension' },
      shop.signed({ total_fee: '128000', out_trade_no: 'A1' }, 'another key'),
    ];
    for (const request of wrong) expect(await shop.post('/virtualatmpay', request)).toMatchObject({ status: '913' });
    expect(await shop.post('/virtualatmpay', fields)).toMatchObject({ status: '900' });
  });

  it('answers 910 when the signature is missing', async () => {
    shop = await Shop.open();
    const reply = await shop.post('/orderquery', { ...shop.signed({ out_trade_no: 'A1' }), sign: '' });
    expect(reply).toMatchObject({ status: '910', info: '參數錯誤：sign 未填' });
  });

  it('takes any of a merchant’s keys, and signs with the first', async () => {
    shop = await Shop.open({ merchants: [{ merchantNo: 'M1', keys: ['new', 'old'] }] });
    expect(shop.platform.merchant).toEqual({ merchantNo: 'M1', key: 'new' });
    const fields = { total_fee: '1100', out_trade_no: 'A1' };
    expect(await shop.post('/virtualatmpay', shop.signed(fields, 'old'))).toMatchObject({ status: '900' });
    expect(await shop.query('A1')).toMatchObject({ status: '900' });
  });

  it('keeps merchants apart: each has its own numbers and key', async () => {
    shop = await Shop.open({
      merchants: [
        { merchantNo: 'M1', key: 'one' },
        { merchantNo: 'M2', key: 'two' },
      ],
    });
    const theirs = { orgno: 'M2', total_fee: '1100', out_trade_no: 'A1' };
    expect(await shop.order()).toMatchObject({ status: '900' });
    expect(await shop.post('/virtualatmpay', shop.signed(theirs, 'one'))).toMatchObject({ status: '913' });
    expect(await shop.post('/virtualatmpay', shop.signed(theirs, 'two'))).toMatchObject({ status: '900' });
    expect(shop.platform.order('A1', { merchantNo: 'M2' }).amount).toBe(11);
  });

  it.each([
    ['10.0.0.0/8', '911'],
    ['127.0.0.2', '911'],
    ['::1', '911'],
    ['127.0.0.0/8', '900'],
    ['127.0.0.1', '900'],
    ['::ffff:127.0.0.1', '900'],
  ])('lets a merchant who may call from %s have %s from 127.0.0.1', async (source, status) => {
    shop = await Shop.open({ merchants: [{ merchantNo: 'M1', key: 'k', allowedSources: [source] }] });
    expect(await shop.order()).toMatchObject({ httpStatus: 200, status });
  });

  it('checks the address before the signature', async () => {
    shop = await Shop.open({ merchants: [{ merchantNo: 'M1', key: 'k', allowedSources: [] }] });
    expect(await shop.order({ sign: 'wrong' })).toMatchObject({ status: '911' });
  });

  it.each([
    ['JSON', '{"orgno":"21008024"}', 'application/json'],
    ['a form in JSON’s clothes', 'orgno=21008024', 'application/json'],
    ['another character set', 'orgno=21008024', `${FORM}; charset=big5`],
    ['a repeated field', 'orgno=21008024&orgno=21008024', FORM],
    ['a nested field', 'orgno[a]=21008024', FORM],
    ['a list', 'orgno[]=21008024', FORM],
    ['a field without a name', '=1', FORM],
    ['a prototype’s field', '__proto__=1', FORM],
    ['percent-encoded bytes that are no UTF-8', 'orgno=%ff', FORM],
    ['nothing', '', FORM],
    ['far too much', `orgno=${'1'.repeat(100_000)}`, FORM],
  ])('answers 910 to %s', async (_, body, contentType) => {
    shop = await Shop.open();
    const reply = await shop.send('/virtualatmpay', body, contentType);
    expect(reply).toMatchObject({ httpStatus: 200, status: '910' });
    expect(reply.data).toBe('');
  });

  it('answers 910 to bytes that are no UTF-8', async () => {
    shop = await Shop.open();
    const body = Uint8Array.from([...Buffer.from('orgno='), 0xff]);
    expect(await shop.send('/orderquery', body, FORM)).toMatchObject({ status: '910' });
  });

  it('takes a form that names its character set', async () => {
    shop = await Shop.open();
    const body = new URLSearchParams(shop.signed({ out_trade_no: 'A1' })).toString();
    expect(await shop.send('/orderquery', body, `${FORM};charset=UTF-8`)).toMatchObject({ status: '5223' });
  });
});

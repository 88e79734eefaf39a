import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MalformedMessageError } from './errors.js';
import { isReplyTrusted, readReply } from './reply.js';
import { sign } from './signature.js';

const KEY = 'QGbZvggxNdGgMUnp';

function reply(body: unknown): string {
  return JSON.stringify(body);
}

describe('readReply', () => {
  it('reads the status, the words and the data', () => {
    expect(readReply(reply({ status: '900', info: '下单成功', data: { code_url: '46710722851832' } }))).toStrictEqual({
      status: '900',
      info: '下单成功',
      data: { code_url: '46710722851832' },
    });
  });

  it('reads a status that is a number', () => {
    expect(readReply(reply({ status: 900, info: '' })).status).toBe('900');
  });

  it('reads data that is a string that holds an object', () => {
    const data = reply({ total_fee: 0.01, bankname: '國泰' });
    expect(readReply(reply({ status: '900', info: '', data })).data).toEqual({ total_fee: '0.01', bankname: '國泰' });
  });

  it.each([{ status: '999' }, { status: '999', data: null }, { status: '999', data: '' }, { status: '999', data: {} }])(
    'reads the failure %j, which has no data',
    (body) => {
      expect(readReply(reply(body))).toStrictEqual({ status: '999', info: '', data: {} });
    },
  );

  it.each(['此訂單號已存在', ['x'], 7])('keeps the code of a failure, whatever stands in its data: %j', (data) => {
    expect(readReply(JSON.stringify({ status: '6307', info: '', data }))).toEqual({
      status: '6307',
      info: '',
      data: {},
    });
  });

  it('keeps the text and the numbers that it does not know, and leaves out what no signature covers', () => {
    const data = { later: 'x', count: 3, nested: { paid: true }, list: ['1'], flag: true, none: null };
    expect(readReply(reply({ status: '900', data })).data).toEqual({ later: 'x', count: '3' });
  });

  it('keeps every digit of a number, as it was written', () => {
    const text = '{"status":"900","data":{"acctno":9999999999999999,"bankno":13,"total_fee":1280.00,"huge":1e999}}';
    expect(readReply(text).data).toEqual({
      acctno: '9999999999999999',
      bankno: '13',
      total_fee: '1280.00',
      huge: '1e999',
    });
  });

  it('keeps the digits of any whole number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (number) => {
        expect(readReply(`{"status":900,"data":{"code_url":${number}}}`).data.code_url).toBe(String(number));
      }),
    );
  });

  it('verifies a signature over a number as it was written', () => {
    const signature = sign({ status: '900', total_fee: '0.10' }, KEY);
    const text = `{"status":900,"sign":"${signature}","data":{"total_fee":0.10}}`;
    expect(isReplyTrusted(readReply(text), [KEY])).toBe(true);
  });

  it('keeps the same character within a value, where it is signed', () => {
    const data = { receiver: 'a\uFEFFb', sign: sign({ receiver: 'a\uFEFFb' }, KEY) };
    expect(isReplyTrusted(readReply(reply({ status: '900', data })), [KEY])).toBe(true);
  });

  it('passes over a byte order mark', () => {
    expect(readReply(`\uFEFF${reply({ status: '900' })}`).status).toBe('900');
  });

  it('refuses a reply that names a field twice with different values, and one nested without end', () => {
    expect(() => readReply('{"status":"900","status":"910"}')).toThrow('The reply is not JSON.');
    expect(() => readReply(`{"status":"900","data":${'['.repeat(60_000)}`)).toThrow('The reply is not JSON.');
  });

  it.each([
    ['no JSON', '<html>502 Bad Gateway</html>', 'The reply is not JSON.'],
    ['nothing', '', 'The reply is not JSON.'],
    ['null', 'null', 'The reply is not an object.'],
    ['a list', '[]', 'The reply is not an object.'],
    ['text', '"900"', 'The reply is not an object.'],
    ['a number', '900', 'The reply is not an object.'],
    ['an object without a status', '{"info":"x"}', 'The reply has no status.'],
    ['an object with an empty status', '{"status":""}', 'The reply has no status.'],
    ['an object whose status is null', '{"status":null}', 'The reply has no status.'],
    ['an object whose status is nested', '{"status":{"code":"900"}}', 'The reply has no status.'],
    ['an object whose data is text', '{"status":"900","data":"ok"}', 'The reply’s data is not JSON.'],
    ['an object whose data is a list in text', '{"status":"900","data":"[]"}', 'The reply’s data is not an object.'],
    ['an object whose data is a list', '{"status":"900","data":[]}', 'The reply’s data is not an object.'],
    ['an object whose data is a number', '{"status":"900","data":0}', 'The reply’s data is not an object.'],
  ])('refuses %s', (_what, text, reason) => {
    expect(() => readReply(text)).toThrow(new MalformedMessageError(reason));
  });

  it('leaves every object as it was', () => {
    const before = Reflect.ownKeys(Object.prototype);
    const text =
      '{"status":"900","__proto__":{"sign":"x"},"data":{"__proto__":{"orderstatus":"0000"},"constructor":"y"}}';
    const read = readReply(text);
    expect(read.data.orderstatus).toBeUndefined();
    expect(Object.getPrototypeOf(read.data)).toBe(Object.prototype);
    expect(read.signed).toBeUndefined();
    expect(Reflect.ownKeys(Object.prototype)).toEqual(before);
  });

  it('either reads flat text or refuses, whatever JSON it is given', () => {
    const entry = fc.oneof(fc.jsonValue(), fc.constantFrom('900', 900, '', null), fc.jsonValue().map(reply));
    const body = fc.record({ status: entry, info: entry, data: entry, sign: entry }, { requiredKeys: ['status'] });
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(body.map(reply), fc.json(), fc.string()), (text) => {
        try {
          const read = readReply(text);
          accepted += 1;
          expect(read.status).not.toBe('');
          const values = [read.status, read.info, ...Object.values(read.data), ...Object.values(read.signed ?? {})];
          expect(values.every((value) => typeof value === 'string')).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessageError);
        }
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});

describe('isReplyTrusted', () => {
  const data = { total_fee: '1280', out_trade_no: 'A1', orderstatus: '0000' };
  const head = { status: '900', info: '查詢訂單成功' };

  it('trusts a reply that carries no signature', () => {
    expect(isReplyTrusted(readReply(reply({ ...head, data })), [KEY])).toBe(true);
    expect(isReplyTrusted(readReply(reply({ ...head, sign: '', data })), [KEY])).toBe(true);
    expect(isReplyTrusted(readReply(reply({ ...head, data })), [])).toBe(true);
  });

  it('trusts a correct signature beside the status, which covers the data too', () => {
    const signature = sign({ ...data, ...head }, KEY);
    expect(isReplyTrusted(readReply(reply({ ...head, sign: signature, data })), [KEY])).toBe(true);
    expect(isReplyTrusted(readReply(reply({ ...head, sign: signature, data: reply(data) })), ['other', KEY])).toBe(
      true,
    );
  });

  it('trusts a correct signature within the data, which covers the data alone', () => {
    const signed = { ...data, sign: sign(data, KEY) };
    expect(isReplyTrusted(readReply(reply({ ...head, data: signed })), [KEY])).toBe(true);
  });

  it('counts a number as the text that it stands for', () => {
    const signature = sign({ ...head, total_fee: '0.01' }, KEY);
    expect(isReplyTrusted(readReply(reply({ ...head, sign: signature, data: { total_fee: 0.01 } })), [KEY])).toBe(true);
  });

  it('counts extension fields in', () => {
    const signature = sign({ ...data, ...head, trxtoken: 'T', rate: '0' }, KEY);
    const body = { ...head, trxtoken: 'T', sign: signature, data: { ...data, rate: '0' } };
    expect(isReplyTrusted(readReply(reply(body)), [KEY])).toBe(true);
  });

  it('distrusts a wrong signature in either place', () => {
    expect(isReplyTrusted(readReply(reply({ ...head, sign: 'A'.repeat(32), data })), [KEY])).toBe(false);
    expect(isReplyTrusted(readReply(reply({ ...head, data: { ...data, sign: 'A'.repeat(32) } })), [KEY])).toBe(false);
    expect(isReplyTrusted(readReply(reply({ ...head, sign: '1', data })), [KEY])).toBe(false);
  });

  it('distrusts a signed reply in which any value was changed', () => {
    const names = [...Object.keys(data), ...Object.keys(head)];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.stringMatching(/^\w{1,8}$/), (name, value) => {
        const all: Record<string, string> = { ...data, ...head };
        fc.pre(all[name] !== value);
        const signature = sign(all, KEY);
        const forged = {
          ...head,
          ...(name in head ? { [name]: value } : {}),
          sign: signature,
          data: { ...data, ...(name in data ? { [name]: value } : {}) },
        };
        expect(isReplyTrusted(readReply(reply(forged)), [KEY])).toBe(false);
      }),
    );
  });

  it('distrusts a signed reply when there is no key', () => {
    const body = { ...head, sign: sign({ ...data, ...head }, KEY), data };
    expect(isReplyTrusted(readReply(reply(body)), [])).toBe(false);
  });

  it('never sees a signed reply whose data another field of the same name could stand in for', () => {
    const signature = sign({ ...data, ...head }, KEY);
    const forged = { ...head, total_fee: '1280', sign: signature, data: { ...data, total_fee: '1' } };
    expect(() => readReply(reply(forged))).toThrow(new MalformedMessageError('The signed reply has a field twice.'));
  });

  it('never sees a signed reply with a field folded into its neighbour', () => {
    const signature = sign({ ...data, ...head }, KEY);
    const folded = { info: `${head.info}&orderstatus=0000`, status: '900', sign: signature };
    expect(() => readReply(reply({ ...folded, data: { out_trade_no: 'A1', total_fee: '1280' } }))).toThrow(
      new MalformedMessageError('The field info has another field folded into it.'),
    );
  });
});

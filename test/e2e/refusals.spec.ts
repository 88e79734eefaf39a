import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Payment } from 'nestjs-wanpay';
import { type Fields, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { forAllTests } from './after-test.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { type SeenReply, send } from './http.js';
import { FORM, form, JSON_TYPE, notification, postForm, postJson, signedWithoutKey } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const WINDOW_SECONDS = 660;
/** The clock stands still, so the rate of queries would hold up the later cases. */
const UNBOUNDED = { queriesPerSecond: 1000, concurrency: 16 };

describe.each(ADAPTERS)('a notification that is not to be believed, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  let url: string;
  let orderNo: string;
  let orders = 0;
  let before: Payment | undefined;
  beforeAll(async () => {
    emulator = await forAllTests(() => startPlatform());
    host = await forAllTests(() => startHost(adapter, emulator, { reconciliation: UNBOUNDED }));
    url = host.notificationUrl;
  });

  /** Each case has an order of its own, and sees every event and every line of the log since the last case. */
  beforeEach(async () => {
    orderNo = `A${++orders}`;
    host.handler.events.length = 0;
    host.log.lines.length = 0;
    await host.wanpay.createPayment({ orderNo, amount: 1280 });
    await until(() => host.handler.events.length === 1, 'atm.issued is handled');
    before = await host.wanpay.getPayment(orderNo);
  });

  /** Whatever was refused, an honest notification is taken in afterwards. */
  afterEach(async () => {
    emulator.faults.clear();
    if (emulator.order(orderNo).state !== 'paid') await emulator.pay(orderNo);
    await until(() => host.handler.of('atm.paid').length === 1, 'the honest notification is handled');
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  /** "Paid", correctly signed, with the right amount: what is refused of it is refused for the reason under test alone. */
  function paid(fields: Fields = {}): Fields {
    return notification(emulator, { out_trade_no: orderNo, total_fee: '128000', ...fields });
  }

  async function expectRefused(reply: SeenReply, status?: number): Promise<void> {
    if (status === undefined) expect(String(reply.status)).toMatch(/^4\d\d$/);
    else expect(reply.status).toBe(status);
    expect(reply.body).not.toMatch(/success/i);
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued']);
    expect(await host.wanpay.getPayment(orderNo)).toEqual(before);
    expect(emulator.order(orderNo).state).toBe('unpaid');
  }

  describe('for its signature', () => {
    it.each<[string, () => Fields]>([
      ['another key', () => notification(emulator, { out_trade_no: orderNo, total_fee: '128000' }, 'another key')],
      ['no key at all', () => signedWithoutKey(paid())],
      ['another order', () => ({ ...paid({ out_trade_no: `${orderNo}B` }), out_trade_no: orderNo })],
      ['another amount', () => ({ ...paid({ total_fee: '1100' }), total_fee: '128000' })],
      ['another status', () => ({ ...paid({ status: '5801' }), status: '0000' })],
      ['a field that was added', () => ({ ...paid(), bankno: '013' })],
      ['a field that was taken away', () => ({ ...paid({ bankno: '013' }), bankno: '' })],
      ['an extension field that was changed', () => ({ ...paid({ extra: 'a' }), extra: 'b' })],
      ['an empty signature', () => ({ ...paid(), sign: '' })],
      ['half a signature', () => ({ ...paid(), sign: paid().sign?.slice(16) ?? '' })],
      ['two signatures in one', () => ({ ...paid(), sign: `${paid().sign ?? ''}${paid().sign ?? ''}` })],
      ['zeros', () => ({ ...paid(), sign: '0'.repeat(32) })],
      ['wide characters', () => ({ ...paid(), sign: 'Ń'.repeat(32) })],
      [
        'lower case',
        () => {
          const fields = paid();
          return { ...fields, sign: fields.sign?.toLowerCase() ?? '' };
        },
      ],
    ])('with %s', async (_, make) => {
      await expectRefused(await postForm(url, make()), 401);
    });

    it('which is missing', async () => {
      const { sign: _sign, ...unsigned } = paid();
      await expectRefused(await postForm(url, unsigned), 401);
    });

    it('of a merchant that is not known here', async () => {
      await expectRefused(await postForm(url, paid({ orgno: 'nobody' })), 401);
    });
  });

  describe('for what it lacks', () => {
    it.each(['orgno', 'out_trade_no', 'status', 'secondtimestamp'])('without %s', async (name) => {
      await expectRefused(await postForm(url, paid({ [name]: '' })), 400);
    });

    it.each(['soon', '-1', '1e9', '12345678901', ' 1', '0x1'])('with the timestamp %p', async (secondtimestamp) => {
      await expectRefused(await postForm(url, paid({ secondtimestamp })), 400);
    });

    it.each(['', '=', '&', '&&=&', 'sign', '[]', 'null', '%', '%00', 'a'.repeat(300)])(
      'of the form %p',
      async (body) => {
        await expectRefused(await postForm(url, body), 400);
      },
    );

    it.each(['', '{', '[]', '"text"', '1', 'null', 'true', '{}', '{"sign":1}', '[{"a":1}]'])(
      'of the JSON text %p',
      async (body) => {
        await expectRefused(await send(url, { headers: { 'content-type': JSON_TYPE }, body }), 400);
      },
    );
  });

  describe('for its age', () => {
    async function send(offsetSeconds: number): Promise<SeenReply> {
      const moment = new Date(emulator.clock.now().getTime() + offsetSeconds * 1000);
      return postForm(url, paid({ secondtimestamp: toTimestamp(moment) }));
    }

    it.each([-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1, -86_400, 86_400])('of %d seconds', async (offset) => {
      await expectRefused(await send(offset), 400);
    });

    it('and yet a lie about money changes nothing, since the platform is asked instead', async () => {
      await expectRefused(await send(-WINDOW_SECONDS - 1), 400);
      expect(await host.wanpay.getPayment(orderNo)).toEqual(before);
    });

    it('and yet the truth in it is not lost, since the platform is asked instead', async () => {
      emulator.faults.dropNotifications();
      await emulator.pay(orderNo);
      expect((await send(-WINDOW_SECONDS - 1)).status).toBe(400);
      await until(() => host.handler.of('atm.paid').length === 1, 'the platform was asked');
    });

    it.each([-WINDOW_SECONDS, WINDOW_SECONDS])('unless it is of no more than %d seconds', async (offset) => {
      emulator.faults.dropNotifications();
      await emulator.pay(orderNo);
      expect(await send(offset)).toMatchObject({ status: 200, body: 'success' });
    });
  });

  describe('for its shape, under a signature that holds', () => {
    it.each([
      ['orgno', 'out_trade_no'],
      ['status', 'total_fee'],
      ['result', 'secondtimestamp'],
    ])('with %s that has %s folded into it', async (name, folded) => {
      const { sign: signature = '', ...fields } = paid({ result: 'ok' });
      const { [folded]: value = '', ...rest } = fields;
      const hidden = { ...rest, [name]: `${fields[name] ?? ''}&${folded}=${value}` };
      expect(sign(hidden, emulator.merchant.key)).toBe(signature);
      await expectRefused(await postForm(url, { ...hidden, sign: signature }), 400);
      await expectRefused(await postJson(url, { ...hidden, sign: signature }), 400);
    });

    it('with an extension field folded away, all that is required still there', async () => {
      const { sign: signature = '', ...fields } = paid({ result: 'ok', resultx: 'extension' });
      const { resultx: _moved, ...rest } = fields;
      const folded = { ...rest, result: 'ok&resultx=extension' };
      expect(sign(folded, emulator.merchant.key)).toBe(signature);
      await expectRefused(await postForm(url, { ...folded, sign: signature }), 400);
      await expectRefused(await postJson(url, { ...folded, sign: signature }), 400);
    });

    it('with a value of the platform’s unfolded into a field of its own', async () => {
      // The platform would sign such a wording as one value; a stranger takes it apart, and the signature still holds.
      const { sign: signature = '', ...fields } = paid({ total_fee: '1100', result: 'ok&total_fee=128000' });
      const { total_fee: _dropped, ...rest } = fields;
      const apart = `${form({ ...rest, result: 'ok' })}&total_fee=1100&total_fee=128000&sign=${signature}`;
      await expectRefused(await postForm(url, apart), 400);
      await expectRefused(await postForm(url, { ...fields, sign: signature }), 400);
    });

    it('with a name that holds & or =', async () => {
      const { sign: signature = '', ...fields } = paid({ a: '1', b: '2' });
      const { a: _a, b: _b, ...rest } = fields;
      const folded = { ...rest, 'a=1&b': '2' };
      expect(sign(folded, emulator.merchant.key)).toBe(signature);
      await expectRefused(await postForm(url, { ...folded, sign: signature }), 400);
      await expectRefused(await postJson(url, { ...folded, sign: signature }), 400);
    });

    it.each(['status', 'sign', 'total_fee', 'extra', 'out_trade_no'])('with %s given twice', async (name) => {
      const fields = paid({ extra: '1' });
      await expectRefused(await postForm(url, `${form(fields)}&${form({ [name]: fields[name] ?? '' })}`), 400);
      await expectRefused(await postForm(url, `${form({ [name]: 'x' })}&${form(fields)}`), 400);
      await expectRefused(await postJson(url, { ...fields, [name]: [fields[name]] }), 400);
    });

    it.each(['a[b]=c', 'a%5Bb%5D=c', 'a[]=c', 'a[0]=c', 'status[x]=0000', 'a[b][c][d]=e'])(
      'with %s in it',
      async (pair) => {
        await expectRefused(await postForm(url, `${form(paid())}&${pair}`), 400);
      },
    );

    it.each([
      ['an object', { b: 'c' }],
      ['a list', ['c']],
      ['a truth value', true],
    ])('with %s for a value in JSON', async (_, value) => {
      await expectRefused(await postJson(url, { ...paid(), extra: value }), 400);
    });
  });

  describe('for a name that reaches for the prototype', () => {
    it.each([
      '__proto__=x',
      '__proto__[polluted]=x',
      'constructor=x',
      'constructor[prototype][polluted]=x',
      'prototype[polluted]=x',
      '__proto__.polluted=x',
      'hasOwnProperty=x',
      'toString=x',
    ])('in a form: %s', async (pair) => {
      const forged = { ...paid(), sign: '0'.repeat(32) };
      await expectRefused(await postForm(url, `${pair}&${form(forged)}`));
      await expectRefused(await postForm(url, `${form(forged)}&${pair}`));
      expect({}).not.toHaveProperty('polluted');
    });

    it.each([
      '"__proto__":"x"',
      '"__proto__":{"sign":"x","polluted":"x"}',
      '"constructor":{"prototype":{"polluted":"x"}}',
      '"constructor":"x"',
      '"prototype":{"polluted":"x"}',
    ])('in JSON: %s', async (pair) => {
      const text = JSON.stringify(paid());
      await expectRefused(
        await send(url, { headers: { 'content-type': JSON_TYPE }, body: `{${pair},${text.slice(1)}` }),
        400,
      );
      expect({}).not.toHaveProperty('polluted');
    });
  });

  describe('for not being UTF-8', () => {
    const WORD = Buffer.from([0xa4, 0xa4, 0xa4, 0xe5]);
    const readings = [WORD.toString('utf8'), WORD.toString('latin1'), '中文', '%A4%A4%A4%E5'.toLowerCase()];

    it.each(readings)('in raw bytes, whatever it was signed as: %s', async (reading) => {
      const { result: _result, ...rest } = paid({ result: reading });
      const body = Buffer.concat([Buffer.from(`${form(rest)}&result=`), WORD]);
      await expectRefused(await postForm(url, body));
    });

    it.each(readings)('in escapes, whatever it was signed as: %s', async (reading) => {
      const { result: _result, ...rest } = paid({ result: reading });
      await expectRefused(await postForm(url, `${form(rest)}&result=%A4%A4%A4%E5`));
    });

    it.each(['big5', 'gbk', 'utf-16', 'latin1', 'iso-8859-1'])('but of the declared charset %s', async (charset) => {
      const plain = `application/x-www-form-urlencoded; charset=${charset}`;
      await expectRefused(await send(url, { headers: { 'content-type': plain }, body: form(paid()) }));
      const json = `${JSON_TYPE}; charset=${charset}`;
      await expectRefused(await send(url, { headers: { 'content-type': json }, body: JSON.stringify(paid()) }));
    });

    it('in JSON: raw bytes and half characters', async () => {
      const text = JSON.stringify(paid({ result: '\uFFFD' }));
      const [head = '', tail = ''] = text.split('\uFFFD');
      const body = Buffer.concat([Buffer.from(head), Buffer.from([0xff]), Buffer.from(tail)]);
      await expectRefused(await send(url, { headers: { 'content-type': JSON_TYPE }, body }), 400);
      await expectRefused(
        await send(url, { headers: { 'content-type': JSON_TYPE }, body: text.replace('\uFFFD', '\\ud800') }),
        400,
      );
    });
  });

  describe('for its size', () => {
    const headers = { 'content-type': FORM };

    it.each([
      ['over our limit, under the host’s', 20_000],
      ['over the host’s limit', 2_000_000],
    ])('%s, declared', async (_, size) => {
      const body = form(paid({ extra: 'x'.repeat(size) }));
      await expectRefused(await send(url, { headers, body }), 413);
    });

    it('over our limit, declared, though there is little in it', async () => {
      const body = JSON.stringify(paid()).padEnd(20_000, ' ');
      await expectRefused(await send(url, { headers: { 'content-type': JSON_TYPE }, body }), 413);
    });

    it('over our limit, in chunks without a declared length', async () => {
      const body = form(paid({ extra: 'x'.repeat(20_000) }));
      await expectRefused(await send(url, { headers, body: [body.slice(0, 300), body.slice(300)] }), 413);
      const json = JSON.stringify(paid({ extra: 'x'.repeat(20_000) }));
      const jsonHeaders = { 'content-type': JSON_TYPE };
      await expectRefused(await send(url, { headers: jsonHeaders, body: [json.slice(0, 300), json.slice(300)] }), 413);
    });

    it('over our limit in its names, in many small fields', async () => {
      const many = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`${'extension'.repeat(3)}${n}`, 'x']));
      const body = form(paid(many));
      expect(body.length).toBeGreaterThan(16_384);
      await expectRefused(await send(url, { headers, body: [body.slice(0, 300), body.slice(300)] }), 413);
    });
  });

  describe('for how it comes', () => {
    it.each(['multipart/form-data; boundary=x', 'application/xml', 'image/png'])(
      'with the content type %p',
      async (type) => {
        await expectRefused(await send(url, { headers: { 'content-type': type }, body: form(paid()) }), 400);
      },
    );

    it('as JSON that calls itself a form, or the other way round', async () => {
      await expectRefused(await send(url, { headers: { 'content-type': JSON_TYPE }, body: form(paid()) }), 400);
      await expectRefused(await postForm(url, JSON.stringify(paid())), 400);
    });

    it.each(['GET', 'PUT', 'PATCH', 'DELETE'])('by %s', async (method) => {
      await expectRefused(await send(`${url}?${form(paid())}`, { method }));
      await expectRefused(await send(url, { method, headers: { 'content-type': FORM }, body: form(paid()) }));
    });

    it('with its fields in the address', async () => {
      await expectRefused(await send(`${url}?${form(paid())}`, { headers: { 'content-type': FORM } }), 400);
    });
  });

  it('says in the log why, in few words, once a minute, and how many it left out', async () => {
    const unsigned = { ...paid(), sign: '0'.repeat(32) };
    const line = 'warn A notification from 127.0.0.1 was refused: The signature is wrong.';
    const lines = (): string[] => host.log.lines.filter((each) => each.startsWith(line));
    await emulator.clock.advance(60_000);
    for (let i = 0; i < 4; i += 1) await postForm(url, unsigned);
    await until(() => lines().length === 1, 'the first is logged');
    await quiet();
    expect(lines()).toHaveLength(1);

    host.log.lines.length = 0;
    await emulator.clock.advance(60_000);
    await postForm(url, unsigned);
    await until(() => lines().length === 1, 'the first of the next minute is logged');
    expect(lines()[0]).toContain('3 more like it came since the last such line.');
    expect(host.log.text).not.toMatch(/^\s+at /m);
  });
});

describe.each(ADAPTERS)('a notification that is to be believed, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  let orderNo: string;
  let orders = 0;
  beforeAll(async () => {
    emulator = await forAllTests(() => startPlatform());
    host = await forAllTests(() => startHost(adapter, emulator));
  });
  beforeEach(async () => {
    orderNo = `A${++orders}`;
    host.handler.events.length = 0;
    await host.wanpay.createPayment({ orderNo, amount: 1280 });
  });

  async function expectAccepted(reply: SeenReply): Promise<void> {
    expect(reply).toMatchObject({ status: 200, body: 'success' });
    await until(() => host.handler.of('atm.paid').length > 0, 'atm.paid is handled');
    await quiet();
    expect(host.handler.types).toEqual(['atm.issued', 'atm.paid']);
  }

  function paid(fields: Fields = {}): Fields {
    return notification(emulator, { out_trade_no: orderNo, total_fee: '128000', ...fields });
  }

  it('may come twice, byte for byte, and is one event', async () => {
    const fields = paid();
    expect(await postForm(host.notificationUrl, fields)).toMatchObject({ status: 200, body: 'success' });
    await expectAccepted(await postForm(host.notificationUrl, fields));
  });

  it('may come many times at once, and is one event', async () => {
    const fields = paid();
    const replies = await Promise.all(Array.from({ length: 20 }, () => postForm(host.notificationUrl, fields)));
    for (const reply of replies) expect(reply).toMatchObject({ status: 200, body: 'success' });
    await expectAccepted(await postForm(host.notificationUrl, fields));
  });

  it('may be a form with fields that we do not know, signed, and with empty ones', async () => {
    const fields = paid({ 擴充: '值', 'x-y.z': 'a=b', trxtoken: '', result: '支付成功 & 完成', Zero: '0', zero: ' ' });
    await expectAccepted(await postForm(host.notificationUrl, fields));
  });

  it('may be JSON', async () => {
    await expectAccepted(await postJson(host.notificationUrl, paid({ result: '支付成功' })));
  });

  it('may be JSON whose values are numbers or null', async () => {
    const { secondtimestamp, total_fee, ...rest } = paid();
    const body = { ...rest, secondtimestamp: Number(secondtimestamp), total_fee: Number(total_fee), bankno: null };
    await expectAccepted(await postJson(host.notificationUrl, body));
  });

  it('may be JSON whose status is a number', async () => {
    const fields = notification(emulator, { out_trade_no: orderNo, status: '5805' });
    const reply = await postJson(host.notificationUrl, { ...fields, status: 5805 });
    expect(reply).toMatchObject({ status: 200, body: 'success' });
    await until(() => host.handler.of('atm.failed').length === 1, 'atm.failed is handled');
  });

  it.each([
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded;charset=UTF-8',
    'application/x-www-form-urlencoded; charset=utf8',
    "application/x-www-form-urlencoded; charset='utf-8'",
    'Application/X-WWW-Form-Urlencoded; Charset="UTF8"',
    'text/plain',
    'text/plain; charset=utf8',
    'application/octet-stream',
    '',
  ])('may be of the content type %p', async (type) => {
    const headers: Record<string, string> = type ? { 'content-type': type } : {};
    await expectAccepted(await send(host.notificationUrl, { headers, body: form(paid({ result: '成功' })) }));
  });

  it.each(['application/json; charset=utf8', 'text/json', 'application/vnd.wanpay+json', 'text/plain', ''])(
    'may be JSON of the content type %p',
    async (type) => {
      const headers: Record<string, string> = type ? { 'content-type': type } : {};
      const body = JSON.stringify(paid({ result: '成功' }));
      await expectAccepted(await send(host.notificationUrl, { headers, body }));
    },
  );

  it.each(['multipart/form-data; boundary=----x', 'multipart/form-data; charset=UTF-8; boundary="----x"'])(
    'may be of the content type %p',
    async (type) => {
      const parts = Object.entries(paid({ result: '支付成功 & 完成', trxtoken: '' })).map(
        ([name, value]) => `------x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      );
      const body = `${parts.join('')}------x--\r\n`;
      await expectAccepted(await send(host.notificationUrl, { headers: { 'content-type': type }, body }));
    },
  );

  it('may come in chunks', async () => {
    const body = form(paid());
    await expectAccepted(
      await send(host.notificationUrl, {
        headers: { 'content-type': FORM },
        body: [body.slice(0, 40), body.slice(40, 41), body.slice(41)],
      }),
    );
  });

  it('may be nearly as long as the limit', async () => {
    await expectAccepted(await postForm(host.notificationUrl, paid({ extra: 'x'.repeat(15_900) })));
  });
});

import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Param, Post } from '@nestjs/common';
import axios from 'axios';
import { type IssuedPayment, WanPayService } from 'nestjs-wanpay';
import { type WanPayEmulator } from 'wanpay-emulator';
import { startFakePlatform } from './fake-platform.js';
import { ADAPTERS, type Host, startHost } from './host.js';
import { send } from './http.js';
import { notification, postForm } from './notification.js';
import { startPlatform } from './platform.js';
import { quiet, until } from './until.js';

const KEY = 'the-key-that-nobody-may-see';
const PROXY_PASSWORD = 'the-password-of-the-proxy';
const PAYER_ACCOUNT = '0004123456789012';
const SIGNATURE = /\b[0-9A-F]{32}\b/i;

@Controller('checkout')
class Checkout {
  constructor(private readonly wanpay: WanPayService) {}

  /** It handles no error, so Nest logs whatever is thrown, with all that hangs on it. */
  @Post(':orderNo')
  start(@Param('orderNo') orderNo: string): Promise<IssuedPayment> {
    return this.wanpay.createPayment({ orderNo, amount: 50 });
  }
}

describe.each(ADAPTERS)('what nobody may see, on %s', (adapter) => {
  let emulator: WanPayEmulator;
  beforeEach(async () => {
    emulator = await startPlatform({ merchants: [{ merchantNo: 'M1', key: KEY }] });
  });

  function expectDiscreet(text: string): void {
    expect(text).not.toContain(KEY);
    expect(text).not.toContain(PROXY_PASSWORD);
    expect(text).not.toContain(PAYER_ACCOUNT);
    expect(text).not.toMatch(SIGNATURE);
  }

  async function errorOf(work: Promise<unknown>): Promise<string> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    return inspect(error, { depth: 12, maxStringLength: null });
  }

  it('is in no event, nor in what is logged when handlers fail', async () => {
    const host = await startHost(adapter, emulator, { delivery: { maxAttempts: 1 } });
    host.handler.react = ({ type }) => {
      throw new Error(`no ${type}`);
    };
    await host.wanpay.createPayment({ orderNo: 'A1', amount: 50 });
    await emulator.pay('A1', { payerAccount: PAYER_ACCOUNT });
    const stranger = notification(emulator, { out_trade_no: 'B1', total_fee: '5000', acctno: PAYER_ACCOUNT });
    await postForm(host.notificationUrl, stranger);
    await until(() => host.handler.events.length === 3, 'every event was tried');
    await quiet();
    expectDiscreet(JSON.stringify(host.handler.events));
    expect(JSON.stringify(host.handler.of('atm.paid'))).toContain('***********89012');
    expectDiscreet(
      JSON.stringify([await host.wanpay.listDeliveries({ state: 'dead' }), await host.wanpay.queryPayment('A1')]),
    );
    expect(host.log.text).toContain('dead letter');
    expectDiscreet(host.log.text);
  });

  it('is not in the reply to a notification that is refused, nor in the log of it', async () => {
    const host = await startHost(adapter, emulator);
    const good = notification(emulator, { out_trade_no: 'A1', total_fee: '5000', acctno: PAYER_ACCOUNT });
    const bad = [
      { ...good, total_fee: '1' },
      { ...good, result: 'x&acctno=1' },
      { ...good, orgno: '' },
      { ...good, [PAYER_ACCOUNT]: '1' },
      notification(emulator, { out_trade_no: 'A1', secondtimestamp: '1', acctno: PAYER_ACCOUNT }),
    ];
    for (const fields of bad) {
      const reply = await postForm(host.notificationUrl, fields);
      expect(String(reply.status)).toMatch(/^4\d\d$/);
      expectDiscreet(reply.body);
    }
    await quiet();
    expect(host.log.text).toContain('was refused');
    expectDiscreet(host.log.text);
  });

  it('is not sent to the platform when the host has axios send it everywhere', async () => {
    const credentials: unknown[] = [];
    const { baseUrl } = await startFakePlatform((response) => {
      credentials.push(response.req.headers.authorization);
      response.end('{"status":"910","info":""}');
    });
    const host = await startHost(adapter, emulator, { baseUrl });
    axios.defaults.headers.common.Authorization = 'Bearer of-the-host';
    try {
      await errorOf(host.wanpay.createPayment({ orderNo: 'A1', amount: 50 }));
    } finally {
      delete axios.defaults.headers.common.Authorization;
    }
    expect(credentials).toEqual([undefined]);
  });

  describe('is in no error of createPayment and queryPayment, nor in what Nest logs of it', () => {
    async function expectDiscreetFailure(host: Host): Promise<void> {
      expectDiscreet(await errorOf(host.wanpay.createPayment({ orderNo: 'A1', amount: 50 })));
      expectDiscreet(await errorOf(host.wanpay.queryPayment('A1')));
      expect(await send(`${host.url}/checkout/A2`)).toMatchObject({ status: 500 });
      expect(host.log.text).toContain('ExceptionsHandler');
      expectDiscreet(host.log.text);
    }

    it('when the platform can’t be reached', async () => {
      const proxy = `http://user:${PROXY_PASSWORD}@127.0.0.1:1`;
      const host = await startHost(adapter, emulator, { proxy }, { controllers: [Checkout] });
      await expectDiscreetFailure(host);
    });

    it('when no answer comes', async () => {
      const { baseUrl } = await startFakePlatform(() => undefined);
      const host = await startHost(adapter, emulator, { baseUrl, timeoutMs: 50 }, { controllers: [Checkout] });
      await expectDiscreetFailure(host);
    });

    it('when the connection breaks', async () => {
      const { baseUrl } = await startFakePlatform((response) => response.destroy());
      const host = await startHost(adapter, emulator, { baseUrl }, { controllers: [Checkout] });
      await expectDiscreetFailure(host);
    });

    it('when the answer is too long', async () => {
      const { baseUrl } = await startFakePlatform((response) => response.end('x'.repeat(70_000)));
      const host = await startHost(adapter, emulator, { baseUrl }, { controllers: [Checkout] });
      await expectDiscreetFailure(host);
    });

    it('when the answer is signed wrongly', async () => {
      const { baseUrl } = await startFakePlatform((response) =>
        response.end(`{"status":"900","info":"","sign":"${'AB'.repeat(16)}","data":{"acctno":"${PAYER_ACCOUNT}"}}`),
      );
      const host = await startHost(adapter, emulator, { baseUrl }, { controllers: [Checkout] });
      await expectDiscreetFailure(host);
    });
  });
});

import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { NOTIFICATION_ACKNOWLEDGEMENT, signNotification, toTimestamp } from 'nestjs-wanpay/protocol';
import { freePort } from '../processes/ports.js';
import { post } from './http.js';
import { AMOUNT, MERCHANT, numberOf, orderNoOf } from './orders.js';

/** The platform's pauses of 1, 3 and 5 minutes, shortened so that a repeat comes after a restart's end. */
const RETRY_PAUSES_MS = [2000, 6000, 10_000];
/** One payment in a hundred is paid without a notification, so that a sweep must find it; another is notified twice. */
const OF_HUNDRED = 100;
const SILENT = 7;
const TWICE = 8;
const ACCOUNT = {
  code_url: '46710722851832',
  bankcode: '013',
  bankname: '國泰世華商業銀行',
  branchcode: '2022',
  branchname: '大昌分行',
  receiver: '旺沛大數位股份有限公司',
};
const VALID_MS = 72 * 3_600_000;
const PAID = { orderstatus: '0000', total_fee: AMOUNT, bankno: '013', acctno: '0000123456712345' };

/** A light platform: issues accounts, answers queries and posts signed notifications, and keeps only what is unpaid. */
export class Platform {
  /** Orders with an account that nobody has paid: the notification address of each. */
  private readonly unpaid = new Map<number, string>();
  private readonly sending = new Set<Promise<void>>();
  private readonly closed = new AbortController();
  readonly counts = { notified: 0, acknowledged: 0, repeated: 0, givenUp: 0, silent: 0, queried: 0 };

  private constructor(
    private readonly server: Server,
    readonly baseUrl: string,
    private readonly onSend: (number: number) => void,
    private readonly onFailure: (number: number) => void,
  ) {}

  /**
   * @param onSend is called just before an order's notification is sent
   * @param onFailure is called when nobody acknowledged it
   */
  static async start(onSend: (number: number) => void, onFailure: (number: number) => void): Promise<Platform> {
    const port = await freePort();
    const server = createServer();
    const platform = new Platform(server, `http://127.0.0.1:${port}`, onSend, onFailure);
    // Every notification that is to be repeated waits for it.
    setMaxListeners(0, platform.closed.signal);
    server.keepAliveTimeout = 60_000;
    server.on('request', (request, reply) => {
      text(request).then(
        (body) => reply.end(JSON.stringify(platform.answer(request.url ?? '', new URLSearchParams(body)))),
        () => reply.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return platform;
  }

  /** The payer of an order pays: the merchant is notified, or is not. */
  pay(number: number): void {
    const address = this.unpaid.get(number);
    if (address === undefined) throw new Error(`The order ${orderNoOf(number)} has no account.`);
    this.unpaid.delete(number);
    if (number % OF_HUNDRED === SILENT) {
      this.counts.silent += 1;
      return;
    }
    this.track(this.notify(number, address));
    if (number % OF_HUNDRED === TWICE) this.track(this.send(number, address).then(() => undefined));
  }

  /** Resolves when every notification was acknowledged or given up. */
  async idle(): Promise<void> {
    while (this.sending.size > 0) await Promise.all(this.sending);
  }

  async close(): Promise<void> {
    this.closed.abort();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, fields: URLSearchParams): object {
    const orderNo = fields.get('out_trade_no') ?? '';
    if (path.endsWith('/virtualatmpay')) {
      this.unpaid.set(numberOf(orderNo), fields.get('backurl') ?? '');
      const expiredate = new Date(Date.now() + VALID_MS).toISOString().slice(0, 10).replaceAll('-', '');
      return { status: '900', info: 'ok', data: { ...ACCOUNT, expiredate, out_trade_no: orderNo } };
    }
    this.counts.queried += 1;
    const found = this.unpaid.has(numberOf(orderNo)) ? { orderstatus: '5801' } : PAID;
    return { status: '900', info: 'ok', data: { ...found, out_trade_no: orderNo } };
  }

  private async notify(number: number, address: string): Promise<void> {
    for (const pauseMs of [0, ...RETRY_PAUSES_MS]) {
      if (pauseMs > 0) {
        await pause(pauseMs, undefined, { signal: this.closed.signal });
        this.counts.repeated += 1;
      }
      this.onSend(number);
      this.counts.notified += 1;
      if (await this.send(number, address)) {
        this.counts.acknowledged += 1;
        return;
      }
      this.onFailure(number);
    }
    this.counts.givenUp += 1;
  }

  private async send(number: number, address: string): Promise<boolean> {
    const fields = signNotification(
      {
        orgno: MERCHANT.merchantNo,
        secondtimestamp: toTimestamp(new Date()),
        out_trade_no: orderNoOf(number),
        status: '0000',
        result: '支付成功',
        total_fee: String(AMOUNT * 100),
        bankno: PAID.bankno,
        acctno: PAID.acctno,
      },
      MERCHANT.key,
    );
    return post(address, new URLSearchParams(fields).toString()).then(
      ({ status, text }) => status === 200 && text === NOTIFICATION_ACKNOWLEDGEMENT,
      () => false,
    );
  }

  private track(sent: Promise<void>): void {
    // Closing interrupts the pauses.
    const tracked = sent.catch(() => undefined).finally(() => this.sending.delete(tracked));
    this.sending.add(tracked);
  }
}

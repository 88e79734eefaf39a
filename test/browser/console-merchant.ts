import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { createNonce, type Fields, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { freePort } from '../processes/ports.js';

const MORNING = new Date('2026-03-02T09:30:00+08:00');

/** A merchant without pages: it opens orders by hand, and answers notifications as it is told. */
export class ConsoleMerchant {
  /** Answers the next notifications, in turn; when used up, `success`. */
  readonly answers: string[] = [];

  private constructor(
    readonly emulator: WanPayEmulator,
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** With an emulator of its own, whose clock stands still. */
  static async open(): Promise<ConsoleMerchant> {
    const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: MORNING } });
    const server = createServer((request, response) => {
      void text(request).then(() => response.end(merchant.answers.shift() ?? 'success'));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const merchant = new ConsoleMerchant(emulator, server, port);
    return merchant;
  }

  /** The address of an order's page. */
  pageOf(orderNo: string): string {
    return `${this.emulator.url}/orders/${this.emulator.merchant.merchantNo}/${orderNo}`;
  }

  /** Opens an order; `changes` come after signing, so that a signed field that changes is refused. */
  async order(orderNo: string, fields: Fields = {}, changes: Fields = {}): Promise<void> {
    const { merchantNo, key } = this.emulator.merchant;
    const unsigned = {
      orgno: merchantNo,
      secondtimestamp: toTimestamp(this.emulator.clock.now()),
      nonce_str: createNonce(),
      out_trade_no: orderNo,
      total_fee: '128000',
      backurl: `http://127.0.0.1:${this.port}/notifications`,
      ...fields,
    };
    const body = new URLSearchParams({ ...unsigned, sign: sign(unsigned, key), ...changes });
    await (await fetch(`${this.emulator.baseUrl}/virtualatmpay`, { method: 'POST', body })).text();
  }

  async close(): Promise<void> {
    await this.emulator.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

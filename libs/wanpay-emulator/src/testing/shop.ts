import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createNonce, sign, toTimestamp } from 'nestjs-wanpay/protocol';
import { startWanPayEmulator, type WanPayEmulator } from '../emulator.js';
import { type WanPayEmulatorOptions } from '../emulator.settings.js';
import { type Fields } from '../platform/fields.js';

/** A reply of the platform, as a stranger sees it. */
export interface SeenReply {
  readonly httpStatus: number;
  readonly text: string;
  readonly status?: string;
  readonly info?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A notification that reached the shop. */
export interface SeenNotification {
  readonly path: string | undefined;
  readonly fields: Fields;
  readonly contentType: string | undefined;
  readonly connection: string | undefined;
  /** As it came. */
  readonly body: string;
}

/** What the shop answers to a notification: a status and a body, or nothing at all. */
type Answer = { readonly status?: number; readonly body: string; readonly location?: string } | 'silence';

/** A merchant made for tests: it signs requests by hand, and takes notifications in. */
export class Shop {
  readonly received: SeenNotification[] = [];
  /** Answers the next notifications, in turn; when used up, `success`. */
  readonly answers: Answer[] = [];
  /** Runs before a notification is answered. */
  beforeAnswer: () => Promise<void> = () => Promise.resolve();
  readonly #server: Server;

  private constructor(readonly platform: WanPayEmulator) {
    this.#server = createServer((request, response) => {
      void (async () => {
        const body = await text(request);
        const fields = Object.fromEntries(new URLSearchParams(body));
        const { 'content-type': contentType, connection } = request.headers;
        this.received.push({ path: request.url, fields, contentType, connection, body });
        await this.beforeAnswer();
        const answer = this.answers.shift() ?? { body: 'success' };
        if (answer === 'silence') return;
        response.writeHead(answer.status ?? 200, answer.location ? { location: answer.location } : {});
        response.end(answer.body);
      })();
    });
  }

  /** A shop and a platform of its own, whose clock stands still unless told otherwise. */
  static async open(options: WanPayEmulatorOptions = {}): Promise<Shop> {
    const shop = new Shop(await startWanPayEmulator({ clock: { stopped: true }, ...options }));
    await new Promise<void>((resolve) => shop.#server.listen(0, '127.0.0.1', resolve));
    return shop;
  }

  get notificationUrl(): string {
    return `http://127.0.0.1:${portOf(this.#server)}/notifications?from=platform`;
  }

  /** Closes both sides; again is harmless. */
  async close(): Promise<void> {
    await this.platform.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Opens an order that is right in every field but those given; `''` leaves one out. */
  order(fields: Fields = {}): Promise<SeenReply> {
    const usual = { total_fee: '128000', out_trade_no: 'A1', backurl: this.notificationUrl, virtualatmvalidity: '3' };
    return this.post('/virtualatmpay', this.signed({ ...usual, ...fields }));
  }

  query(orderNo = 'A1', fields: Fields = {}): Promise<SeenReply> {
    return this.post('/orderquery', this.signed({ out_trade_no: orderNo, ...fields }));
  }

  /** Completes and signs a request. */
  signed(fields: Fields, key = this.platform.merchant.key): Fields {
    const complete = {
      orgno: this.platform.merchant.merchantNo,
      secondtimestamp: toTimestamp(this.platform.clock.now()),
      nonce_str: createNonce(),
      ...fields,
    };
    return { sign: sign(complete, key), ...complete };
  }

  post(path: string, fields: Fields): Promise<SeenReply> {
    return this.send(path, new URLSearchParams(fields).toString(), 'application/x-www-form-urlencoded');
  }

  async send(path: string, body: string | Uint8Array<ArrayBuffer>, contentType: string): Promise<SeenReply> {
    const response = await fetch(this.platform.baseUrl + path, {
      method: 'POST',
      body,
      headers: { 'content-type': contentType },
    });
    const content = await response.text();
    return { httpStatus: response.status, text: content, ...parse(content) };
  }
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server does not listen on a port.');
  return address.port;
}

function parse(content: string): Partial<SeenReply> {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

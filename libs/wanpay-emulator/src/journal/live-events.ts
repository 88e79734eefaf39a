import { type ServerResponse } from 'node:http';
import { HttpException, Injectable } from '@nestjs/common';
import { SECURITY_HEADERS } from '../http/security-headers.js';
import { isSameOrder, type OrderRef } from '../orders/order-ref.js';
import { type Change, Changes, type Topic, TOPICS } from './changes.js';

/** Browsers open six connections to a host at most, so this is many windows. */
const MAX_CLIENTS = 100;
/** Changes that come faster are told of together. */
const PAUSE_MS = 250;
/** A comment now and then, so that proxies keep the connection and a client that is gone is noticed. */
const HEARTBEAT_MS = 15_000;
/** A client that has not taken what was sent for so long is dropped; a browser connects again by itself. */
const PATIENCE_MS = 30_000;
const RETRY_MS = 1000;
const SERVICE_UNAVAILABLE = 503;

/**
 * Tells browsers and programs that something changed, as server-sent events. An event says of what, and nothing else:
 * what waits for a client is a set of names, however slow it is.
 */
@Injectable()
export class LiveEvents {
  readonly #clients = new Set<Client>();

  constructor(private readonly changes: Changes) {}

  /** How many are connected. */
  get clients(): number {
    return this.#clients.size;
  }

  /**
   * Sends events until the client is gone. It begins with every event once: a page may have missed some.
   *
   * @param order tells of changes of this order alone, besides the clock, faults and merchants
   */
  stream(response: ServerResponse, order?: OrderRef): void {
    if (this.#clients.size >= MAX_CLIENTS) {
      throw new HttpException('Too many pages are open: close some.', SERVICE_UNAVAILABLE);
    }
    const client = new Client(response);
    const unwatch = this.changes.watch((change) => {
      if (!order || concerns(change, order)) client.tell(change.topic);
    });
    this.#clients.add(client);
    response.once('close', () => {
      unwatch();
      client.end();
      this.#clients.delete(client);
    });
    client.begin();
  }
}

function concerns({ topic, order }: Change, ref: OrderRef): boolean {
  return (topic !== 'order' && topic !== 'request') || (order !== undefined && isSameOrder(order, ref));
}

/** One connection: the events that it has yet to be told of, at most one of each name. */
class Client {
  readonly #owed = new Set<Topic>();
  readonly #heartbeat: NodeJS.Timeout;
  #pause: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(private readonly response: ServerResponse) {
    this.#heartbeat = setInterval(() => {
      this.#write(':\n\n');
    }, HEARTBEAT_MS).unref();
  }

  begin(): void {
    this.response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    // A browser tries again so soon when the connection breaks.
    this.response.write(`retry: ${RETRY_MS}\n\n`);
    for (const topic of TOPICS) this.#owed.add(topic);
    this.#flush();
  }

  tell(topic: Topic): void {
    this.#owed.add(topic);
    this.#pause ??= setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, PAUSE_MS).unref();
  }

  end(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#pause);
    clearTimeout(this.#patience);
  }

  #flush(): void {
    if (this.#patience) return;
    const events = [...this.#owed].map((topic) => `event: ${topic}\ndata:\n\n`).join('');
    this.#owed.clear();
    this.#write(events);
  }

  /** Writes what fits; what does not waits for the client to take what was sent, and the client for no more than so long. */
  #write(text: string): void {
    if (this.#patience || text === '' || this.response.write(text)) return;
    this.#patience = setTimeout(() => this.response.destroy(), PATIENCE_MS).unref();
    this.response.once('drain', () => {
      clearTimeout(this.#patience);
      this.#patience = undefined;
      this.#flush();
    });
  }
}

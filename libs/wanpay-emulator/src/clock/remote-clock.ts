import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidArgumentError, systemErrorCode } from '../errors.js';
import { type Cancel, type Clock } from './clock.js';
import { type ClockMessage } from './clock-followers.js';
import { FollowedTime } from './followed-time.js';

/** The emulator is tried again so soon after the connection broke. */
const PAUSE_MS = 500;
/** Three heartbeats: a connection without them is dead. */
const SILENCE_MS = 15_000;
/** What a timer has started is under way after so many turns of the event loop. */
const TURNS = 20;

/** How a {@link RemoteClock} follows. */
export interface RemoteClockOptions {
  /** Hears when the emulator can't be reached, and when it can again. Default: `console.warn`. */
  readonly warn?: ((message: string) => void) | undefined;
}

/** A clock that shows what a running emulator's clock shows. It fits where `nestjs-wanpay` takes a `clock`. */
export interface RemoteClock extends Clock {
  /** Whether it follows at present. When not, it goes on by itself from what it was told last; at first, from the machine's time. */
  readonly connected: boolean;
  /** Resolves when it follows. Await it before the application starts, so that it starts at the emulator's time. */
  whenConnected(): Promise<void>;
  /** Follows no more, and runs none of its timers any more. */
  close(): void;
}

/**
 * Follows the clock of a running emulator over HTTP: an application and the emulator, in two processes, then share one time that the
 * console moves. It connects by itself, catches up after a restart, and keeps no process alive.
 *
 * @param url where the emulator's console is, such as `http://127.0.0.1:4010`
 * @throws InvalidArgumentError when that is no http(s) address
 */
export function remoteClock(url: string | URL, options: RemoteClockOptions = {}): RemoteClock {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (!address || !/^https?:$/.test(address.protocol)) {
    throw new InvalidArgumentError('url', 'must be the http(s) address of an emulator, such as http://127.0.0.1:4010.');
  }
  return new FollowingClock(address, options.warn ?? console.warn);
}

class FollowingClock implements RemoteClock {
  readonly #time = new FollowedTime();
  readonly #waiting = new Set<() => void>();
  #connection: ClientRequest | undefined;
  #pause: NodeJS.Timeout | undefined;
  #connected = false;
  #hasWarned = false;
  #closed = false;

  constructor(
    private readonly url: URL,
    private readonly warn: (message: string) => void,
  ) {
    this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  now(): Date {
    return this.#time.now();
  }

  after(delay: number, task: () => void): Cancel {
    return this.#time.after(delay, task);
  }

  async whenConnected(): Promise<void> {
    if (this.#connected || this.#closed) return;
    // Nothing else may keep the process alive that waits for this.
    const alive = setInterval(() => undefined, SILENCE_MS);
    await new Promise<void>((resolve) => this.#waiting.add(resolve));
    clearInterval(alive);
  }

  close(): void {
    this.#closed = true;
    this.#connected = false;
    clearTimeout(this.#pause);
    this.#connection?.destroy();
    this.#time.end();
    this.#release();
  }

  #connect(): void {
    const connection = this.#request('GET', '/api/clock/stream?confirm=true');
    this.#connection = connection;
    connection.setTimeout(SILENCE_MS, () => connection.destroy(new Error('it is silent')));
    connection.on('response', (response) => {
      this.#follow(response).then(
        () => {
          this.#reconnect('it has ended');
        },
        (error: unknown) => {
          this.#reconnect(reasonOf(error));
        },
      );
    });
    connection.on('error', (error) => {
      this.#reconnect(reasonOf(error));
    });
    connection.end();
  }

  async #follow(response: IncomingMessage): Promise<void> {
    if (response.statusCode !== 200) throw new Error(`it answers with HTTP ${response.statusCode ?? 0}`);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) {
      text += String(chunk);
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const message = readMessage(text.slice(0, end));
        text = text.slice(end + 2);
        if (message) this.#hear(message);
      }
    }
  }

  #hear({ now, stopped, follower, step }: ClockMessage): void {
    if (this.#closed) return;
    this.#time.show(Date.parse(now), !stopped);
    if (!this.#connected) {
      this.#connected = true;
      if (this.#hasWarned) this.warn(`The clock follows the emulator at ${this.url.origin} again, and shows ${now}.`);
      this.#hasWarned = false;
      this.#release();
    }
    void this.#confirm(follower, step);
  }

  /** Says that it has arrived, once what was due is under way. */
  async #confirm(follower: string, step: number): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    if (this.#closed) return;
    const request = this.#request('POST', `/api/clock/followers/${follower}/arrived`);
    // Whether it is heard shows on the stream.
    request.on('error', () => undefined).on('response', (response) => response.resume());
    request.setHeader('content-type', 'application/json');
    request.end(JSON.stringify({ step }));
  }

  #reconnect(reason: string): void {
    if (this.#closed || this.#pause) return;
    this.#connected = false;
    this.#connection?.destroy();
    if (!this.#hasWarned) {
      this.warn(
        `The clock does not follow the emulator at ${this.url.origin} (${reason}): it goes on by itself until the emulator is back.`,
      );
      this.#hasWarned = true;
    }
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#connect();
    }, PAUSE_MS).unref();
  }

  #release(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #request(method: string, path: string): ClientRequest {
    const send = this.url.protocol === 'https:' ? requestHttps : requestHttp;
    const request = send(new URL(path, this.url), { method, agent: false });
    return request.on('socket', (socket) => socket.unref());
  }
}

function readMessage(event: string): ClockMessage | undefined {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined) return undefined;
  const message: unknown = JSON.parse(data);
  return isMessage(message) ? message : undefined;
}

function isMessage(value: unknown): value is ClockMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'now' in value &&
    'stopped' in value &&
    'follower' in value &&
    'step' in value &&
    typeof value.now === 'string' &&
    !Number.isNaN(Date.parse(value.now)) &&
    typeof value.stopped === 'boolean' &&
    typeof value.follower === 'string' &&
    typeof value.step === 'number'
  );
}

function reasonOf(error: unknown): string {
  return systemErrorCode(error) ?? (error instanceof Error ? error.message : String(error));
}

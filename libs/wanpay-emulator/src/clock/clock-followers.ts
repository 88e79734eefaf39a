import { randomUUID } from 'node:crypto';
import { type ServerResponse } from 'node:http';
import { HttpException, Injectable } from '@nestjs/common';
import { SECURITY_HEADERS } from '../http/security-headers.js';
import { VirtualClock } from './virtual-clock.js';

/** Each is an application, or a tool that watches. */
const MAX_FOLLOWERS = 100;
/** Tells a follower that the connection stands, and how late it is by now. */
const HEARTBEAT_MS = 5_000;
/** How long a move waits for a follower, which may be gone. */
const PATIENCE_MS = 1_000;
const SERVICE_UNAVAILABLE = 503;

/** What a follower is told. */
export interface ClockMessage {
  readonly now: string;
  readonly stopped: boolean;
  /** Names the follower, so that it can say that it has arrived. */
  readonly follower: string;
  /** Counts the messages to this follower, from 1. */
  readonly step: number;
}

/**
 * Has clocks elsewhere follow the emulator's, over server-sent events. While the clock is moved, it stops at every moment at which
 * something is due, and goes on once the followers that confirm have arrived there: what is sent then meets them in time.
 */
@Injectable()
export class ClockFollowers {
  readonly #followers = new Map<string, Follower>();

  constructor(private readonly clock: VirtualClock) {
    clock.watch(() => {
      this.#tell();
    });
    clock.follow(() => this.#step());
  }

  /**
   * Tells a follower what the clock shows, now and whenever it is stopped, resumed, moved or set, until the follower is gone.
   *
   * @param confirms whether it says when it has arrived, so that moves wait for it
   */
  stream(response: ServerResponse, confirms: boolean): void {
    if (this.#followers.size >= MAX_FOLLOWERS) {
      throw new HttpException('Too many clocks follow this one: end some.', SERVICE_UNAVAILABLE);
    }
    const id = randomUUID();
    const follower = new Follower(id, this.clock, response, confirms);
    this.#followers.set(id, follower);
    response.once('close', () => {
      this.#followers.delete(id);
      follower.end();
    });
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    follower.tell();
  }

  /** A follower has arrived at what it was told. */
  arrived(id: string, step: number): void {
    this.#followers.get(id)?.arrived(step);
  }

  #tell(): void {
    for (const follower of this.#followers.values()) follower.tell();
  }

  async #step(): Promise<void> {
    await Promise.all([...this.#followers.values()].map((follower) => follower.lead()));
  }
}

/** One connection. */
class Follower {
  readonly #heartbeat: NodeJS.Timeout;
  #step = 0;
  /** Ends the wait for a step. */
  #waiting: { readonly step: number; readonly end: () => void } | undefined;
  #isLate = false;

  constructor(
    private readonly id: string,
    private readonly clock: VirtualClock,
    private readonly response: ServerResponse,
    private readonly confirms: boolean,
  ) {
    this.#heartbeat = setInterval(() => {
      this.tell();
    }, HEARTBEAT_MS).unref();
  }

  tell(): void {
    const message: ClockMessage = {
      now: this.clock.now().toISOString(),
      stopped: this.clock.stopped || this.clock.moving,
      follower: this.id,
      step: ++this.#step,
    };
    this.response.write(`event: clock\ndata: ${JSON.stringify(message)}\n\n`);
  }

  /** Tells what the clock shows, and waits until the follower shows it too. One that was late is not waited for until it is heard again. */
  async lead(): Promise<void> {
    this.tell();
    if (!this.confirms || this.#isLate) return;
    await new Promise<void>((resolve) => {
      const patience = setTimeout(() => {
        this.#isLate = true;
        resolve();
      }, PATIENCE_MS);
      const end = (): void => {
        clearTimeout(patience);
        resolve();
      };
      this.#waiting = { step: this.#step, end };
    });
  }

  arrived(step: number): void {
    this.#isLate = false;
    if (this.#waiting && step >= this.#waiting.step) this.#waiting.end();
  }

  end(): void {
    clearInterval(this.#heartbeat);
    this.#waiting?.end();
  }
}

import { setTimeout as pause } from 'node:timers/promises';
import { post } from './http.js';
import { orderNoOf } from './orders.js';
import type { Platform } from './platform.js';
import type { SoakHost } from './soak-host.js';

/** What is under way beyond this is not begun: a soak that can't keep up is to say so rather than to pile up. */
const MOST_UNDER_WAY = 400;
const STEP_MS = 10;
const PAYER_TAKES_MS = 1000;

/** Opens orders at a steady rate through whichever processes are up, and lets each be paid a second later. */
export class Shop {
  private next = 0;
  private underWay = 0;
  private payers = 0;
  /** Orders whose payer was shown an account, and whose effects nobody has seen complete. */
  readonly open = new Set<number>();
  readonly counts = { opened: 0, refused: 0, heldBack: 0 };

  constructor(
    private readonly hosts: readonly SoakHost[],
    private readonly platform: Platform,
  ) {}

  /** Opens orders until the moment; throws when `signal` is aborted. */
  async run(perSecond: number, until: number, signal: AbortSignal): Promise<void> {
    const begin = Date.now();
    while (Date.now() < until) {
      const due = ((Date.now() - begin) / 1000) * perSecond;
      while (this.next < due) {
        if (this.underWay < MOST_UNDER_WAY) void this.buy(this.next);
        else this.counts.heldBack += 1;
        this.next += 1;
      }
      await pause(STEP_MS, undefined, { signal });
    }
  }

  /** Resolves when all that were opened have been paid and told. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.underWay + this.payers > 0) await pause(STEP_MS, undefined, { signal });
    await this.platform.idle();
  }

  /** An order that could not be opened has another number the next time, and nobody pays it: its account was never shown. */
  private async buy(number: number): Promise<void> {
    const up = this.hosts.filter(({ isUp }) => isUp);
    const host = up[number % up.length];
    this.underWay += 1;
    const isOpen = await post(`${host?.url ?? ''}/orders/${orderNoOf(number)}`, '').then(
      ({ status }) => status === 201,
      () => false,
    );
    this.underWay -= 1;
    if (!isOpen) {
      this.counts.refused += 1;
      return;
    }
    this.counts.opened += 1;
    this.open.add(number);
    this.payers += 1;
    await pause(PAYER_TAKES_MS);
    this.payers -= 1;
    this.platform.pay(number);
  }
}

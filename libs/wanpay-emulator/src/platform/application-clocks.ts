import { Injectable } from '@nestjs/common';
import { parseTimestamp } from 'nestjs-wanpay/protocol';
import { VirtualClock } from '../clock/virtual-clock.js';
import { Changes } from '../journal/changes.js';
import { type Fields } from './fields.js';

/** Timestamps are whole seconds, and a request takes its time: less is no difference. */
const LEAST_DIFFERENCE_MS = 30_000;
/** Far more applications than anybody has at one emulator. */
const MAX_APPLICATIONS = 20;

/** An application whose clock shows another time than the emulator's. */
export interface ApplicationClock {
  readonly merchantNo: string;
  /** Where it is: the origin of the address that it wants to be notified at, or else the address that it calls from. */
  readonly application: string;
  /** How far its clock is ahead of the emulator's; negative when it is behind. */
  readonly aheadMs: number;
}

/**
 * The applications whose clock differs from the emulator's, as their latest signed requests show it. Their requests are
 * refused once the difference is ten minutes (1.2), and they refuse what the emulator sends.
 */
@Injectable()
export class ApplicationClocks {
  readonly #differing = new Map<string, ApplicationClock>();
  /** The origins that callers have named, by merchant and source address: a query names none. */
  readonly #origins = new Map<string, string>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly changes: Changes,
  ) {}

  /** Those whose latest request had another time. */
  differing(): ApplicationClock[] {
    return [...this.#differing.values()];
  }

  /** Takes note of the time that a signed request shows. */
  observe({ orgno: merchantNo = '', secondtimestamp = '', backurl = '' }: Fields, source: string): void {
    const timestamp = parseTimestamp(secondtimestamp);
    if (!timestamp) return;
    const key = JSON.stringify([merchantNo, source]);
    const origin = URL.canParse(backurl) ? new URL(backurl).origin : this.#origins.get(key);
    if (origin !== undefined && this.#origins.size < MAX_APPLICATIONS) this.#origins.set(key, origin);
    const aheadMs = timestamp.getTime() - this.clock.now().getTime();
    if (Math.abs(aheadMs) >= LEAST_DIFFERENCE_MS) {
      if (this.#differing.size >= MAX_APPLICATIONS && !this.#differing.has(key)) return;
      this.#differing.set(key, { merchantNo, application: origin ?? source, aheadMs });
    } else if (!this.#differing.delete(key)) return;
    this.changes.tell({ topic: 'clock' });
  }

  /** Forgets what requests have shown: the clock was set. */
  clear(): void {
    if (this.#differing.size === 0) return;
    this.#differing.clear();
    this.changes.tell({ topic: 'clock' });
  }
}

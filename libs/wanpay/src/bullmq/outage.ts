import type { Logger } from '@nestjs/common';
import { reasonOf } from '../protocol/cause.js';
import type { Clock } from '../protocol/index.js';

/** What comes sooner after an outage that was told is the same one, as far as people are concerned. */
const QUIET_MS = 60_000;

/** Tells once that the queue is out, and once that it is back, however many commands fail meanwhile. */
export class Outage {
  private on = false;
  private told = false;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly queueName: string,
    private readonly logger: Pick<Logger, 'log' | 'warn'>,
    private readonly clock: Clock,
  ) {}

  get isOn(): boolean {
    return this.on;
  }

  begin(error: unknown): void {
    if (this.on) return;
    this.on = true;
    const now = this.clock.now().getTime();
    this.told = now - this.toldAt >= QUIET_MS;
    if (!this.told) return;
    this.toldAt = now;
    this.logger.warn(`Queue "${this.queueName}" fails, so work is found by looking, only later: ${reasonOf(error)}`);
  }

  end(): void {
    if (!this.on) return;
    this.on = false;
    if (this.told) this.logger.log(`Queue "${this.queueName}" works again.`);
  }
}

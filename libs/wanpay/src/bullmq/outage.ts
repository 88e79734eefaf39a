import type { StructuredLogger } from '../logging/structured-logger.js';
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
    private readonly logger: Pick<StructuredLogger, 'log' | 'warn'>,
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
    const text = `Queue "${this.queueName}" fails, so work is found by looking, only later: ${reasonOf(error)}`;
    this.logger.warn('queue_failing', text, { queue: this.queueName });
  }

  end(): void {
    if (!this.on) return;
    this.on = false;
    if (!this.told) return;
    this.logger.log('queue_recovered', `Queue "${this.queueName}" works again.`, { queue: this.queueName });
  }
}

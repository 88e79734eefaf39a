import type { Workers } from '../ledger/work-queue.js';
import type { StructuredLogger } from '../logging/structured-logger.js';
import { DELIVER, SWEEP } from './jobs.js';

/** Does what jobs ask for. */
export class JobHandler {
  private readonly unknown = new Set<string>();
  private isSweeping = false;
  private sweepsAgain = false;

  constructor(
    private readonly queueName: string,
    private readonly workers: Workers,
    private readonly logger: Pick<StructuredLogger, 'warn'>,
  ) {}

  async handle(jobName: string): Promise<void> {
    switch (jobName) {
      case DELIVER:
        this.workers.deliver();
        return;
      case SWEEP:
        await this.sweep();
        return;
      default:
        this.warnOfUnknown(jobName);
    }
  }

  /** Sweeps that take longer than the pause between them must not pile up, and no word that comes meanwhile be lost. */
  private async sweep(): Promise<void> {
    this.sweepsAgain = true;
    if (this.isSweeping) return;
    this.isSweeping = true;
    try {
      while (this.sweepsAgain) {
        this.sweepsAgain = false;
        await this.workers.sweep();
      }
    } finally {
      this.isSweeping = false;
    }
  }

  /** A newer release's, during a deploy, or the host's own, which should be in a queue of their own. */
  private warnOfUnknown(jobName: string): void {
    if (this.unknown.has(jobName)) return;
    this.unknown.add(jobName);
    this.logger.warn(
      'queue_job_unknown',
      `Nothing was done about job "${jobName}" of queue "${this.queueName}": this release knows no such job. ` +
        'Keep the queue for nestjs-wanpay alone.',
      { queue: this.queueName, job: jobName },
    );
  }
}

import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Clock } from '../protocol/index.js';
import { type NotificationResult, type Observer, type Occurrence, type Operation, UNOBSERVED } from './observer.js';

/** The injection token of the host's {@link Observer}, where there is one. */
export const HOST_OBSERVER = Symbol('WanPayHostObserver');
/** The injection token of the clock that activity is dated by. */
export const ACTIVITY_CLOCK = Symbol('WanPayActivityClock');

/** What this process has seen since it started; of other processes it knows nothing. */
export interface ProcessActivity {
  readonly startedAt: Date;
  /** When a sweep last came to its end here. */
  readonly lastSweepAt?: Date;
  /** When a notification was last verified and acknowledged here. */
  readonly lastNotificationAt?: Date;
  /** Notifications that were signed correctly and refused for their timestamp. */
  readonly staleNotifications: number;
  readonly lastStaleNotificationAt?: Date;
  /** How many requests to the notification route had each result but `acknowledged`. */
  readonly refusedNotifications: Readonly<Partial<Record<NotificationResult, number>>>;
}

/** Remembers when things last happened, for health checks, and passes everything on to the host's observer. */
@Injectable()
export class Activity implements Observer {
  private readonly startedAt: Date;
  private lastSweepAt: Date | undefined;
  private lastNotificationAt: Date | undefined;
  private lastStaleNotificationAt: Date | undefined;
  private staleNotifications = 0;
  private readonly refusedNotifications: Partial<Record<NotificationResult, number>> = {};

  constructor(
    @Inject(ACTIVITY_CLOCK) private readonly clock: Pick<Clock, 'now'>,
    @Optional() @Inject(HOST_OBSERVER) private readonly host: Observer = UNOBSERVED,
  ) {
    this.startedAt = clock.now();
  }

  around<Result>(operation: Operation, work: () => Result, codeOf?: (result: Awaited<Result>) => string): Result {
    return this.host.around(operation, work, codeOf);
  }

  happened(occurrence: Occurrence): void {
    this.remember(occurrence);
    this.host.happened(occurrence);
  }

  get seen(): ProcessActivity {
    const { startedAt, lastSweepAt, lastNotificationAt, staleNotifications, lastStaleNotificationAt } = this;
    return {
      startedAt,
      staleNotifications,
      refusedNotifications: { ...this.refusedNotifications },
      ...(lastSweepAt ? { lastSweepAt } : {}),
      ...(lastNotificationAt ? { lastNotificationAt } : {}),
      ...(lastStaleNotificationAt ? { lastStaleNotificationAt } : {}),
    };
  }

  private remember(occurrence: Occurrence): void {
    if (occurrence.kind === 'notification' && occurrence.result !== 'acknowledged') {
      const { [occurrence.result]: before = 0 } = this.refusedNotifications;
      this.refusedNotifications[occurrence.result] = before + 1;
    }
    if (occurrence.kind === 'sweep') {
      this.lastSweepAt = this.clock.now();
    } else if (occurrence.kind === 'notification' && occurrence.result === 'acknowledged') {
      this.lastNotificationAt = this.clock.now();
    } else if (occurrence.kind === 'notification' && occurrence.result === 'stale') {
      this.staleNotifications += 1;
      this.lastStaleNotificationAt = this.clock.now();
    }
  }
}

import { describeSpan } from '../protocol/span.js';
import type { WanPayStatus } from '../wanpay.status.js';

/** What a health check finds. A programme may go by its `code`. */
export type HealthCode =
  | 'ledger_unreachable'
  | 'deliveries_overdue'
  | 'handler_not_running'
  | 'dead_letters'
  | 'platform_unanswering'
  | 'checks_overdue'
  | 'no_notifications'
  | 'stale_notifications';

/** One thing that is not as it should be. */
export interface HealthFinding {
  readonly code: HealthCode;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** From when on something is a finding; `Infinity` leaves it out. */
export interface HealthThresholds {
  /** How long a delivery may be due, in minutes. Default 5. */
  readonly deliveryOverdueMinutes?: number | undefined;
  /** How long a payment's check may be due, in minutes. Default 30. */
  readonly checkOverdueMinutes?: number | undefined;
  /** How many dead letters are one too many. Default 1. */
  readonly deadLetters?: number | undefined;
  /** How many deliveries that wait for a handler without a process are one too many. Default 1. */
  readonly deliveriesWithoutProcess?: number | undefined;
  /** For how long a notification that was refused for its timestamp is told of, in minutes. Default 60. */
  readonly staleNotificationMinutes?: number | undefined;
  /**
   * How long this process may go without a notification, in minutes. Default `Infinity`: it depends on how often the shop is paid, and
   * of several processes each gets a share.
   */
  readonly notificationSilenceMinutes?: number | undefined;
}

type Thresholds = Readonly<Record<keyof HealthThresholds, number>>;

const DEFAULTS: Thresholds = {
  deliveryOverdueMinutes: 5,
  checkOverdueMinutes: 30,
  deadLetters: 1,
  deliveriesWithoutProcess: 1,
  staleNotificationMinutes: 60,
  notificationSilenceMinutes: Number.POSITIVE_INFINITY,
};

const MINUTE_MS = 60_000;

/** What is not as it should be, in a fixed order. */
export function findingsOf(status: WanPayStatus, given: HealthThresholds = {}): readonly HealthFinding[] {
  const thresholds = withDefaults(given);
  return [
    ...overdueDeliveries(status, thresholds),
    ...absentHandlers(status, thresholds),
    ...deadLetters(status, thresholds),
    ...pauses(status),
    ...overdueChecks(status, thresholds),
    ...staleNotifications(status, thresholds),
    ...silence(status, thresholds),
  ];
}

function withDefaults(given: HealthThresholds): Thresholds {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...DEFAULTS, ...Object.fromEntries(set) };
}

/** That the ledger did not answer, which is all that can be told then. */
export function ledgerUnreachable(why: string): HealthFinding {
  return {
    code: 'ledger_unreachable',
    message: `The ledger can't be read: ${why}.`,
    advice: 'Look at its database, and at the log. Until it works, notifications are refused, and WanPay repeats them.',
  };
}

function overdueDeliveries(
  { at, handlers }: WanPayStatus,
  { deliveryOverdueMinutes }: Thresholds,
): readonly HealthFinding[] {
  return handlers.flatMap(({ id, isRunning, overdueSince }) => {
    const minutes = minutesSince(overdueSince, at);
    if (!isRunning || minutes < deliveryOverdueMinutes) return [];
    return {
      code: 'deliveries_overdue',
      message: `A delivery to the handler ${id} has been due for ${Math.floor(minutes)} minutes.`,
      advice:
        'Its handlers may be busy: see delivery.concurrency, and whether one of them never ends. Otherwise look at the log.',
    };
  });
}

function absentHandlers(
  { handlers }: WanPayStatus,
  { deliveriesWithoutProcess }: Thresholds,
): readonly HealthFinding[] {
  return handlers
    .filter(({ isRunning, pending }) => !isRunning && pending >= deliveriesWithoutProcess)
    .map(({ id, pending }) => ({
      code: 'handler_not_running',
      message: `Deliveries that wait for the handler ${id}, which no process has: ${pending}.`,
      advice: `Deploy the handler, or drop its deliveries for good with wanpay.retireHandler('${id}').`,
    }));
}

function deadLetters({ handlers }: WanPayStatus, thresholds: Thresholds): readonly HealthFinding[] {
  const given = handlers.filter(({ dead }) => dead > 0);
  const count = given.reduce((sum, { dead }) => sum + dead, 0);
  if (count < Math.max(thresholds.deadLetters, 1)) return [];
  return [
    {
      code: 'dead_letters',
      message: `Deliveries that were given up: ${given.map(({ id, dead }) => `${dead} to ${id}`).join(', ')}.`,
      advice:
        "See why with wanpay.listDeliveries({ state: 'dead' }), and deliver them again with wanpay.replayDeliveries().",
    },
  ];
}

/** The platform's trouble makes no process unhealthy: it is only told. */
function pauses({ at, pauses: open }: WanPayStatus): readonly HealthFinding[] {
  if (open.length === 0) return [];
  const isAll = open.some(({ merchantNo }) => merchantNo === undefined);
  const pause = Math.max(...open.map(({ until }) => until.getTime())) - at.getTime();
  return [
    {
      code: 'platform_unanswering',
      message:
        `WanPay gave no answer again and again${isAll ? '' : `, for ${open.length} merchant(s)`}. ` +
        `Checks pause for another ${describeSpan(pause)}.`,
      advice: 'See why in the log, or with npx nestjs-wanpay doctor. Notifications are received all the same.',
    },
  ];
}

function overdueChecks(
  { at, checkOverdueSince, activity }: WanPayStatus,
  { checkOverdueMinutes }: Thresholds,
): readonly HealthFinding[] {
  const minutes = minutesSince(checkOverdueSince, at);
  if (minutes < checkOverdueMinutes) return [];
  const last = activity.lastSweepAt
    ? `${Math.floor(minutesSince(activity.lastSweepAt, at))} minutes ago`
    : 'not since it started';
  return [
    {
      code: 'checks_overdue',
      message: `A payment’s check has been due for ${Math.floor(minutes)} minutes. This process last swept ${last}.`,
      advice: 'Does some process on this ledger have reconciliation.enabled, and does WanPay answer it?',
    },
  ];
}

function staleNotifications(
  { at, activity: { staleNotifications: count, lastStaleNotificationAt } }: WanPayStatus,
  { staleNotificationMinutes }: Thresholds,
): readonly HealthFinding[] {
  // Here Infinity leaves the finding out as well, rather than telling of it for ever.
  if (!lastStaleNotificationAt || !Number.isFinite(staleNotificationMinutes)) return [];
  if (minutesSince(lastStaleNotificationAt, at) > staleNotificationMinutes) return [];
  return [
    {
      code: 'stale_notifications',
      message: `Notifications that were refused for their timestamp since this process started: ${count}.`,
      advice: 'Check that the clock of this machine is right: npx nestjs-wanpay doctor compares it with WanPay’s.',
    },
  ];
}

function silence(
  { at, activity: { startedAt, lastNotificationAt } }: WanPayStatus,
  { notificationSilenceMinutes }: Thresholds,
): readonly HealthFinding[] {
  const minutes = minutesSince(lastNotificationAt ?? startedAt, at);
  if (minutes < notificationSilenceMinutes) return [];
  return [
    {
      code: 'no_notifications',
      message: `This process has acknowledged no notification for ${Math.floor(minutes)} minutes.`,
      advice: 'If payments were made meanwhile, see what stands in the way with npx nestjs-wanpay doctor.',
    },
  ];
}

/** Negative infinity of what never was, which no threshold is below. */
function minutesSince(moment: Date | undefined, now: Date): number {
  return moment ? (now.getTime() - moment.getTime()) / MINUTE_MS : Number.NEGATIVE_INFINITY;
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HandlerStatus } from '../../ledger/deliveries.js';
import type { Ledger } from '../../ledger/ledger.js';
import { checkLogHasFile } from '../../ledger/stores/database-file/opening-checks.js';
import { mysqlMigrations } from '../../ledger/stores/mysql/index.js';
import { MigrationRequiredError, postgresMigrations, SchemaTooNewError } from '../../ledger/stores/postgres/index.js';
import { LedgerInUseError } from '../../ledger/stores/sqlite/index.js';
import { WanPayError } from '../../protocol/index.js';
import { type LedgerPlace, useLedger } from '../ledger.js';
import { type Finding, reporter } from './finding.js';
import { commitFindings } from './postgres-settings.js';
import { inspectSqlite, isLogLost } from './sqlite-inspection.js';

const report = reporter('ledger');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Money that needs a person is told of for so long. */
const REVIEW_DAYS = 30;
/** A running host lets no delivery and no check wait for longer. */
const DELIVERY_PATIENCE_MINUTES = 5;
const CHECK_PATIENCE_MINUTES = 30;

/** Looks at a ledger without changing anything in it. */
export async function checkLedger(place: LedgerPlace | undefined, now: Date): Promise<readonly Finding[]> {
  if (!place)
    return [report.skipped('No ledger was named: give --postgres, --mysql or --sqlite, or set WANPAY_DATABASE_URL.')];
  try {
    if (place.kind === 'sqlite') return await checkSqlite(place.file, now);
    return await (place.kind === 'postgres' ? checkPostgres(place, now) : checkMysql(place, now));
  } catch (error) {
    return [explain(error, place)];
  }
}

type Postgres = Extract<LedgerPlace, { readonly kind: 'postgres' }>;

async function checkPostgres(place: Postgres, now: Date): Promise<readonly Finding[]> {
  return useLedger(place, async (ledger) => [
    report.ok(
      `The PostgreSQL ledger is reachable, and its tables are up to date (version ${latest(postgresMigrations())}).`,
    ),
    ...(await commitFindings(place.connectionString)),
    ...(await workFindings(ledger, now)),
  ]);
}

async function checkMysql(place: LedgerPlace, now: Date): Promise<readonly Finding[]> {
  return useLedger(place, async (ledger) => [
    report.ok(`The MySQL ledger is reachable, and its tables are up to date (version ${latest(mysqlMigrations())}).`),
    ...(await workFindings(ledger, now)),
  ]);
}

function latest(migrations: readonly { readonly version: number }[]): number {
  return migrations.at(-1)?.version ?? 0;
}

async function checkSqlite(file: string, now: Date): Promise<readonly Finding[]> {
  checkLogHasFile(resolve(file));
  if (!existsSync(file)) {
    const advice = 'Look at the name; a host that starts makes its file by itself.';
    return [report.failure('no_such_file', `There is no file ${file}.`, advice)];
  }
  return inspectSqlite(file, async ({ version, required, work }) => {
    if (!work) {
      const state = version === 0 ? 'holds no ledger yet' : `is at version ${version}, and ${required} is current`;
      const advice = 'Start the host once: it brings the file up to date by itself.';
      return [report.warning('migration_required', `${file} ${state}.`, advice)];
    }
    return [
      report.ok(`${file} is a ledger, up to date (version ${version}), and not in use.`),
      ...(await workFindings(work, now)),
    ];
  });
}

async function workFindings(ledger: Ledger, now: Date): Promise<readonly Finding[]> {
  const [handlers, deliveryDue, checkDue, { needsReview, unknownOrders }] = await Promise.all([
    ledger.deliveries.handlers(now),
    ledger.deliveries.nextDue(now),
    ledger.nextCheckDue(now),
    ledger.summarize({ from: new Date(now.getTime() - REVIEW_DAYS * DAY_MS), to: now }),
  ]);
  const dead = handlers.reduce((sum, handler) => sum + handler.dead, 0);
  const absent = handlers.filter(({ isRunning, pending }) => !isRunning && pending > 0);
  const pending = handlers.reduce((sum, handler) => sum + handler.pending, 0);
  const deliveryLate = minutesSince(deliveryDue, now);
  const checkLate = minutesSince(checkDue, now);
  return [
    report.ok(describeHandlers(handlers, pending, dead)),
    ...(needsReview > 0
      ? [
          report.warning(
            'money_to_review',
            `Payments of the last ${REVIEW_DAYS} days with transfers that did not pay them: ${needsReview}.`,
            'Find them with reconcile --from: a wrong amount or a second transfer is refunded, unclaimed money is decided on ' +
              'with wanpay.acceptPayment().',
          ),
        ]
      : []),
    ...(unknownOrders > 0
      ? [
          report.warning(
            'unknown_orders',
            `Orders of the last ${REVIEW_DAYS} days that WanPay reported and this ledger never opened: ${unknownOrders}.`,
            'Find out whose they are: another system may use the same merchant number, or this ledger was reset or restored.',
          ),
        ]
      : []),
    ...(dead > 0
      ? [
          report.warning(
            'dead_letters',
            `Deliveries given up because a handler of the host kept failing: ${dead}.`,
            'See why with the command dead. When the cause is gone, deliver them again with replay.',
          ),
        ]
      : []),
    ...absent.map(({ id, pending }) =>
      report.warning(
        'handler_not_running',
        `Deliveries that wait for the handler ${id}, which no process has: ${pending}.`,
        `Deploy the handler, or drop its deliveries for good with the command retire ${id}.`,
      ),
    ),
    ...(deliveryLate > DELIVERY_PATIENCE_MINUTES
      ? [
          report.warning(
            'deliveries_overdue',
            `A delivery has been due for ${deliveryLate} minutes.`,
            'Is a host running on this ledger, with delivery.enabled?',
          ),
        ]
      : []),
    ...(checkLate > CHECK_PATIENCE_MINUTES
      ? [
          report.warning(
            'checks_overdue',
            `A payment’s check has been due for ${checkLate} minutes.`,
            'Is a host running on this ledger, with reconciliation.enabled, and does the platform answer it?',
          ),
        ]
      : []),
  ];
}

function describeHandlers(handlers: readonly HandlerStatus[], pending: number, dead: number): string {
  const names = handlers.map(({ id }) => id).join(', ');
  return `Handlers found: ${names === '' ? 'none' : names}. Deliveries: ${pending} pending, ${dead} dead.`;
}

function minutesSince(due: Date | undefined, now: Date): number {
  return due ? Math.floor((now.getTime() - due.getTime()) / MINUTE_MS) : 0;
}

function explain(error: unknown, place: LedgerPlace): Finding {
  if (error instanceof LedgerInUseError) {
    if (isLogLost(error.file)) {
      return report.failure(
        'ledger_file_lost',
        `${error.file} is in use, and its log is gone: the host refuses every notification.`,
        'Find out what deleted the log, and restart the host: its own log says whether anything was lost.',
      );
    }
    return report.ok(`${error.file} is in use, probably by the host, so it can't be inspected now.`);
  }
  if (error instanceof MigrationRequiredError) {
    const { schema = 'wanpay', found, required } = error;
    const state = found === 0 ? 'has no tables of the ledger' : `is at version ${found}`;
    const [where, option] =
      place.kind === 'mysql' ? ['database', '--mysql'] : [`schema ${schema}`, `--schema ${schema}`];
    return report.failure(
      'migration_required',
      `The ${where} ${state}, and version ${required} is needed.`,
      `Start a host that may migrate, or run what this prints: npx nestjs-wanpay migrations ${option} --above ${found}`,
    );
  }
  if (error instanceof SchemaTooNewError) return report.failure(error.code, error.message, 'Update nestjs-wanpay.');
  if (error instanceof WanPayError) {
    return report.failure(error.code, error.message, 'Look at the address of the ledger, and at what it runs on.');
  }
  throw error;
}

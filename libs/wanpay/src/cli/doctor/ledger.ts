import { existsSync } from 'node:fs';
import type { Ledger } from '../../ledger/ledger.js';
import { MigrationRequiredError, SchemaTooNewError } from '../../ledger/postgres/index.js';
import { LedgerInUseError } from '../../ledger/sqlite/index.js';
import { inspectSqlite } from '../../ledger/sqlite/inspection.js';
import { WanPayError } from '../../protocol/index.js';
import { type LedgerPlace, useLedger } from '../ledger.js';
import { type Finding, reporter } from './finding.js';

/** What tells whether somebody does the ledger's work. */
type LedgerWork = Pick<Ledger, 'deadLetters' | 'nextDue' | 'nextCheckDue'>;

const report = reporter('ledger');
const MINUTE_MS = 60_000;
/** Longer than a host that runs leaves an event or a check lie. */
const EVENT_PATIENCE_MINUTES = 5;
const CHECK_PATIENCE_MINUTES = 30;

/** Looks at a ledger without changing anything in it. */
export async function checkLedger(place: LedgerPlace | undefined, now: Date): Promise<readonly Finding[]> {
  if (!place) return [report.skipped('No ledger was named: give --postgres or --sqlite, or set WANPAY_DATABASE_URL.')];
  try {
    return await (place.kind === 'postgres' ? checkPostgres(place, now) : checkSqlite(place.file, now));
  } catch (error) {
    return [explain(error)];
  }
}

async function checkPostgres(place: LedgerPlace, now: Date): Promise<readonly Finding[]> {
  return useLedger(place, async (ledger) => [
    report.ok('The PostgreSQL ledger is reachable, and its tables are up to date.'),
    ...(await workFindings(ledger, now)),
  ]);
}

async function checkSqlite(file: string, now: Date): Promise<readonly Finding[]> {
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
    return [report.ok(`${file} is a ledger, up to date, and in nobody’s use.`), ...(await workFindings(work, now))];
  });
}

async function workFindings(work: LedgerWork, now: Date): Promise<readonly Finding[]> {
  const [dead, eventDue, checkDue] = await Promise.all([work.deadLetters(), work.nextDue(), work.nextCheckDue()]);
  const eventLate = minutesSince(eventDue, now);
  const checkLate = minutesSince(checkDue, now);
  return [
    ...(dead.length > 0
      ? [
          report.warning(
            'dead_letters',
            `${dead.length} event(s) were given up: a handler of the host failed again and again.`,
            'See why with wanpay.deadLetters(), and deliver them again with wanpay.replayAll().',
          ),
        ]
      : []),
    ...(eventLate > EVENT_PATIENCE_MINUTES
      ? [
          report.warning(
            'events_overdue',
            `An event has been waiting to be delivered for ${eventLate} minutes.`,
            'Is a host running on this ledger?',
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

function minutesSince(due: Date | undefined, now: Date): number {
  return due ? Math.floor((now.getTime() - due.getTime()) / MINUTE_MS) : 0;
}

function explain(error: unknown): Finding {
  if (error instanceof LedgerInUseError) {
    return report.ok(`${error.file} is in use, by the host it seems: it can't be looked into from here meanwhile.`);
  }
  if (error instanceof MigrationRequiredError) {
    const { schema, found, required } = error;
    const state = found === 0 ? 'has no tables of the ledger' : `is at version ${found}`;
    return report.failure(
      'migration_required',
      `The schema ${schema} ${state}, and version ${required} is needed.`,
      `Start a host that may migrate, or run what this prints: npx nestjs-wanpay migrations --schema ${schema} --above ${found}`,
    );
  }
  if (error instanceof SchemaTooNewError) return report.failure(error.code, error.message, 'Update nestjs-wanpay.');
  if (error instanceof WanPayError) {
    return report.failure(error.code, error.message, 'Look at the address of the ledger, and at what it runs on.');
  }
  throw error;
}

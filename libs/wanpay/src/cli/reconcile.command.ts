import { type Command, InvalidArgumentError } from 'commander';
import type { Ledger } from '../ledger/ledger.js';
import type { Payment } from '../ledger/payment.js';
import type { Period } from '../ledger/store.js';
import type { PaymentPage } from '../ledger/timeline.js';
import { formatTaipei } from '../protocol/index.js';
import { Reconciliation, type ReconciliationReport } from '../reconciliation/reconciliation.js';
import { UsageError } from './errors.js';
import { requireLedgerPlace, useLedger } from './ledger.js';
import { readMomentOption } from './moment.js';
import {
  environmentOf,
  environmentWithKey,
  type LedgerOptions,
  moduleOptionsOf,
  type PlatformOptions,
  withLedgerOptions,
  withPlatformOptions,
} from './options.js';
import { type CommandSettings, paymentCheckerOf, settingsOf } from './platform.js';
import { counted } from './plural.js';
import type { CommandResult } from './result.js';
import type { Surroundings } from './surroundings.js';
import { table } from './table.js';

interface ReconcileOptions extends PlatformOptions, LedgerOptions {
  readonly from?: Date;
  readonly to?: Date;
  readonly rate?: number;
}

const DAY_MS = 86_400_000;
const PAGE = 1000;
const MAX_RATE = 1000;

/** `reconcile`: asks after every unpaid payment of a period, settles the answers, and reports. */
export function addReconcile(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withPlatformOptions(program.command('reconcile')))
    .description('query the platform about every unpaid payment of a period, settle the answers, and report')
    .option(
      '--from <moment>',
      'payments created then or later; Taipei time unless a zone is given (default: a day before --to)',
      readMomentOption,
    )
    .option(
      '--to <moment>',
      'payments created before then; 2026-11-02 means its first second (default: now)',
      readMomentOption,
    )
    .option('--rate <number>', 'the most queries a second; the host’s own are not counted (default: 5)', readRate)
    .action(async (options: ReconcileOptions) => {
      await surroundings.finish(options, () => reconcile(options, surroundings));
    });
}

async function reconcile(options: ReconcileOptions, surroundings: Surroundings): Promise<CommandResult> {
  const { clock, env, progress, t } = surroundings;
  const place = requireLedgerPlace(options, environmentOf(options, env));
  const variables = await environmentWithKey(options, surroundings);
  const settings = settingsOf({
    ...moduleOptionsOf(options, variables, clock),
    ...(options.rate === undefined ? {} : { reconciliation: { queriesPerSecond: options.rate } }),
  });
  const period = periodOf(options, settings);
  const { report, toReview } = await useLedger(place, async (ledger) => {
    const report = await reconciliationOf(ledger, settings).reconcile(period, ({ done, total }) => {
      progress.show(t(`Asking the platform: ${done} of ${total} payments`));
    });
    return { report, toReview: report.needsReview > 0 ? await findToReview(ledger, period) : [] };
  });
  const findings = findingsOf(report, toReview);
  return {
    text: describe(report, period.merchantNo, findings, t),
    json: { merchantNo: period.merchantNo, ...report, ordersToReview: toReview.map(({ orderNo }) => orderNo) },
    ok: findings.length === 0,
  };
}

/** A period of one merchant's payments. */
type WholePeriod = Period & { readonly merchantNo: string };

function periodOf({ from, to }: ReconcileOptions, settings: CommandSettings): WholePeriod {
  const end = to ?? settings.clock.now();
  const start = from ?? new Date(end.getTime() - DAY_MS);
  if (start >= end) throw new UsageError('--from must be before --to.');
  return { from: start, to: end, merchantNo: settings.defaultMerchantNo };
}

function reconciliationOf(ledger: Ledger, settings: CommandSettings): Reconciliation {
  const { clock, reconciliation } = settings;
  return new Reconciliation(ledger, paymentCheckerOf(ledger, settings), clock, reconciliation);
}

/** The payments of a period with transfers that did not pay them. */
async function findToReview(ledger: Ledger, { from, to, merchantNo }: WholePeriod): Promise<readonly Payment[]> {
  const found: Payment[] = [];
  let after: string | undefined;
  do {
    const filter = { merchantNo, createdFrom: from, createdBefore: to, limit: PAGE };
    const page: PaymentPage = await ledger.list({ ...filter, ...(after === undefined ? {} : { after }) });
    found.push(...page.payments.filter(({ otherTransfers = [] }) => otherTransfers.length > 0));
    after = page.next;
  } while (after !== undefined);
  return found;
}

function describe(
  report: ReconciliationReport,
  merchantNo: string,
  findings: readonly string[],
  t: Surroundings['t'],
): string {
  const rows: readonly (readonly [string, number])[] = [
    ['payments', report.payments],
    ['queried now', report.checked],
    ['not answered for', report.unanswered],
    ['settled by notification', report.settledByNotification],
    ['settled by query', report.settledByQuery],
    ['still open', report.stillOpen],
    ['with other transfers', report.needsReview],
    ['unknown orders', report.unknownOrders],
  ];
  return [
    t(`Merchant ${merchantNo}, ${formatTaipei(report.from)} to ${formatTaipei(report.to)} (Taipei)`),
    '',
    table(rows.map(([name, count]) => [t(name), String(count)])),
    '',
    ...(findings.length === 0 ? ['Nothing needs attention.'] : findings).map(t),
  ].join('\n');
}

function findingsOf(
  { unanswered, unknownOrders }: ReconciliationReport,
  toReview: readonly Payment[],
): readonly string[] {
  return [
    ...(unanswered > 0
      ? [`The platform gave no answer for ${counted(unanswered, 'payment')}: run doctor, then this again.`]
      : []),
    ...toReview.map(
      ({ orderNo, amount, state, otherTransfers = [] }) =>
        `Order ${orderNo} of NT$${amount} is ${state}. Other transfers, as reported: ` +
        `${otherTransfers.map(({ reportedAmount }) => reportedAmount).join(', ')}. Look at it with query.`,
    ),
    ...(unknownOrders > 0
      ? [
          `The platform named ${counted(unknownOrders, 'order')} that this ledger never opened: find out whose they are.`,
        ]
      : []),
  ];
}

function readRate(text: string): number {
  const rate = Number(text);
  if (!Number.isInteger(rate) || rate < 1 || rate > MAX_RATE) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MAX_RATE}.`);
  }
  return rate;
}

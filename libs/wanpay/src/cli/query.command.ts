import type { Command } from 'commander';
import { redactOutcome } from '../ledger/payer.js';
import type { Payment, PaymentKey } from '../ledger/payment.js';
import type { EventEntry, OutcomeEntry, TimelineEntry } from '../ledger/timeline.js';
import { describeCode, formatTaipei, type Outcome } from '../protocol/index.js';
import { UsageError } from './errors.js';
import type { Translate } from './language/language.js';
import { type LedgerPlace, ledgerPlaceOf, useLedger } from './ledger.js';
import { maskEntry, maskPayment } from './masked.js';
import {
  environmentWithKey,
  type LedgerOptions,
  moduleOptionsOf,
  type PlatformOptions,
  withLedgerOptions,
  withPlatformOptions,
} from './options.js';
import { type CommandSettings, paymentCheckerOf, platformClientOf, settingsOf } from './platform.js';
import type { CommandResult } from './result.js';
import type { Surroundings } from './surroundings.js';
import { table } from './table.js';

/** As it is ordered with (3.1.1): the platform is not asked about anything else. */
const ORDER_NO = /^[0-9A-Z]{1,20}$/;

interface QueryOptions extends PlatformOptions, LedgerOptions {}

/** `query`: how one order stands, at the platform and in the ledger. */
export function addQuery(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withPlatformOptions(program.command('query')))
    .description('query the platform about an order; with a ledger, settle the answer and show the history')
    .argument('<order>', 'the order’s number')
    .action(async (orderNo: string, options: QueryOptions) => {
      await surroundings.finish(options, () => query(orderNo, options, surroundings));
    });
}

async function query(orderNo: string, options: QueryOptions, surroundings: Surroundings): Promise<CommandResult> {
  if (!ORDER_NO.test(orderNo)) {
    throw new UsageError(`${orderNo} is no order number: it has 1 to 20 digits and upper-case letters (A to Z).`);
  }
  const { clock, t } = surroundings;
  const variables = await environmentWithKey(options, surroundings);
  const settings = settingsOf(moduleOptionsOf(options, variables, clock));
  const place = ledgerPlaceOf(options, variables);
  return place ? queryAndSettle(orderNo, settings, place, t) : queryOnly(orderNo, settings, t);
}

async function queryOnly(orderNo: string, settings: CommandSettings, t: Translate): Promise<CommandResult> {
  const key = { merchantNo: settings.defaultMerchantNo, orderNo };
  const outcome = await askPlatform(key, settings);
  return {
    text: describeAnswer(key, outcome, t),
    json: { ...key, platform: explain(outcome) },
    ok: outcome !== undefined,
  };
}

async function queryAndSettle(
  orderNo: string,
  settings: CommandSettings,
  place: LedgerPlace,
  t: Translate,
): Promise<CommandResult> {
  const key = { merchantNo: settings.defaultMerchantNo, orderNo };
  return useLedger(place, async (ledger) => {
    const before = await ledger.find(key);
    if (!before) {
      const outcome = await askPlatform(key, settings);
      const text = `${describeAnswer(key, outcome, t)}\n\n${t('The ledger has no payment of this number.')}`;
      return { text, json: { ...key, platform: explain(outcome), ledger: { found: false } }, ok: false };
    }
    const asked = await paymentCheckerOf(ledger, settings).ask(before);
    if (asked.kind === 'failed') throw asked.error;
    const payment = maskPayment(asked.kind === 'answered' ? asked.payment : before);
    const timeline = (await ledger.timeline(key)).map(maskEntry);
    const outcome = asked.kind === 'answered' ? latestOutcome(timeline) : undefined;
    const history = table(
      timeline.map((entry) => describeEntry(entry, t)),
      { indent: '  ' },
    );
    return {
      text: [describeAnswer(key, outcome, t), describePayment(payment, t), `${t('Its history')}\n${history}`].join(
        '\n\n',
      ),
      json: { ...key, platform: explain(outcome), ledger: { found: true, payment, timeline } },
      ok: outcome !== undefined,
    };
  });
}

async function askPlatform(
  { merchantNo, orderNo }: PaymentKey,
  settings: CommandSettings,
): Promise<Outcome | undefined> {
  const outcome = await platformClientOf(settings).queryOrder(merchantNo, orderNo);
  return outcome && redactOutcome(outcome, 'masked');
}

function latestOutcome(timeline: readonly TimelineEntry[]): Outcome | undefined {
  return timeline.findLast((entry): entry is OutcomeEntry => entry.kind === 'outcome' && entry.source === 'query')
    ?.outcome;
}

function explain(outcome: Outcome | undefined): object {
  return outcome ? { found: true, meaning: meaningOf(outcome.code), outcome } : { found: false };
}

function describeAnswer({ merchantNo, orderNo }: PaymentKey, outcome: Outcome | undefined, t: Translate): string {
  const order = `Order ${orderNo} of merchant ${merchantNo}`;
  if (!outcome) return t(`${order}: the platform has no such order.`);
  const { code, reportedAmount, payer, transactedAt } = outcome;
  const rows = [
    ['status', `${outcome.status} (${code}: ${meaningOf(code)})`],
    ...(reportedAmount ? [['amount, as reported', reportedAmount]] : []),
    ...(payer?.bankCode ? [['payer’s bank', payer.bankCode]] : []),
    ...(payer?.account ? [['payer’s account', payer.account]] : []),
    ...(transactedAt ? [['transferred at', formatTaipei(transactedAt)]] : []),
  ];
  return `${t(`${order}, as the platform has it`)}\n${table(named(rows, t), { indent: '  ' })}`;
}

function describePayment(payment: Payment, t: Translate): string {
  const { account, payer, paidAt, failure, acceptance, otherTransfers = [] } = payment;
  const rows = [
    ['state', payment.state],
    ['amount', `NT$${payment.amount}`],
    ['livemode', t(payment.livemode ? 'yes: real money' : 'no: a test')],
    ['opened at', formatTaipei(payment.createdAt)],
    ...(account ? [['account', `${account.bankCode} ${account.bankName}, ${account.number}`]] : []),
    ...(account ? [['payable until', formatTaipei(account.expiresAt)]] : []),
    ...(paidAt ? [['paid at', formatTaipei(paidAt)]] : []),
    ...(payer ? [['payer', [payer.bankCode, payer.account].filter(Boolean).join(' ')]] : []),
    ...(failure ? [['failed because', `${failure.code}: ${failure.message}`]] : []),
    ...(acceptance ? [['accepted because', acceptance.reason]] : []),
    ...otherTransfers.map(({ reportedAmount }) => ['other transfer, as reported', reportedAmount]),
  ];
  return `${t('As the ledger has it now')}\n${table(named(rows, t), { indent: '  ' })}`;
}

function named(rows: readonly (readonly string[])[], t: Translate): readonly (readonly string[])[] {
  return rows.map(([name = '', ...values]) => [t(name), ...values]);
}

function describeEntry(entry: TimelineEntry, t: Translate): readonly string[] {
  const at = formatTaipei(entry.at);
  if (entry.kind === 'event') return [at, entry.type, describeDeliveries(entry, t)];
  if (entry.kind === 'action')
    return [at, `person: ${entry.action}`, [entry.text, entry.by].filter(Boolean).join(', ')];
  const change = entry.change ? `${entry.change.from} → ${entry.change.to}` : t('not in the ledger');
  if (entry.source === 'person') return [at, t('person: accepted the transfer'), change];
  return [at, `${entry.source}: ${entry.outcome.code} ${meaningOf(entry.outcome.code)}`, change];
}

function describeDeliveries({ deliveries }: EventEntry, t: Translate): string {
  if (deliveries.length === 0) return t('no handler yet');
  return deliveries.map(({ handler, state, attempts }) => t(`${handler}: ${state}, attempts: ${attempts}`)).join('; ');
}

function meaningOf(code: string): string {
  const known = describeCode(code, 'query');
  return known ? `${known.en}, ${known.zh}` : 'a code that the protocol does not list';
}

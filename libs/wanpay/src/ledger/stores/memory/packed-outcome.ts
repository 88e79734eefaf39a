import type { Outcome, OutcomeStatus, Payer } from '../../../protocol/index.js';
import { isSamePayer } from '../../payer.js';
import type { OutcomeSource, RecordedOutcome, StoredOutcome } from '../../store.js';
import { toDate, toMoment } from './moments.js';
import type { PaidFacts } from './packed-payment.js';
import { restOf, shared } from './shared-texts.js';

type Change = NonNullable<StoredOutcome['change']>;
type Mutable<Of> = { -readonly [Name in keyof Of]: Of[Name] };

/** What has a field of its own. The rest is what few outcomes have. */
const FIELDS: ReadonlySet<string> = new Set<keyof Outcome>([
  ...(['status', 'code', 'reportedAmount', 'payer', 'transactedAt'] as const),
]);

/** The changes from one state to another, of which there are few. */
const changes = new Map<string, Change>();

/** An outcome as the store in memory keeps it: moments are numbers, and it shares with its payment the facts that both have. */
export class PackedOutcome {
  readonly digest: string;
  readonly source: OutcomeSource;
  readonly change: Change | undefined;
  private readonly status: OutcomeStatus;
  private readonly code: string;
  private readonly reportedAmount: string | undefined;
  private readonly payer: Payer | undefined;
  private readonly transactedAt: number | undefined;
  private readonly rest: Partial<RecordedOutcome> | undefined;
  private readonly firstSeenAt: number;
  private lastSeenAt: number;
  private count: number;

  constructor({ digest, source, outcome, change, firstSeenAt, lastSeenAt, count }: StoredOutcome, facts?: PaidFacts) {
    const { status, code, reportedAmount, payer, transactedAt } = outcome;
    this.digest = digest;
    this.source = source;
    this.change = change && sharedChange(change);
    this.status = status;
    this.code = shared(code);
    this.reportedAmount = reportedAmount && shared(reportedAmount);
    this.payer = isSamePayer(payer, facts?.payer) ? facts?.payer : payer;
    this.transactedAt = transactedAt && toMoment(transactedAt);
    this.rest = restOf(outcome, FIELDS);
    this.firstSeenAt = toMoment(firstSeenAt);
    this.lastSeenAt = toMoment(lastSeenAt);
    this.count = count;
  }

  /** Counts the same outcome again. */
  add({ lastSeenAt, count }: StoredOutcome): void {
    this.lastSeenAt = Math.max(this.lastSeenAt, toMoment(lastSeenAt));
    this.count += count;
  }

  unpack(): StoredOutcome {
    const { digest, source, status, code, reportedAmount, payer, transactedAt, rest, change, count } = this;
    const outcome: Mutable<RecordedOutcome> = { status, code };
    if (reportedAmount !== undefined) outcome.reportedAmount = reportedAmount;
    if (payer) outcome.payer = payer;
    if (transactedAt !== undefined) outcome.transactedAt = toDate(transactedAt);
    Object.assign(outcome, rest);
    const [firstSeenAt, lastSeenAt] = [toDate(this.firstSeenAt), toDate(this.lastSeenAt)];
    const stored = { digest, source, outcome, firstSeenAt, lastSeenAt, count };
    return change ? Object.assign(stored, { change }) : stored;
  }
}

function sharedChange(change: Change): Change {
  const name = `${change.from} ${change.to}`;
  const known = changes.get(name);
  if (!known) changes.set(name, change);
  return known ?? change;
}

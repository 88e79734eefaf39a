import type { AtmEventType } from '../../events.js';
import type { PaymentState } from '../../payment.js';
import type { EventDetails, StoredEvent } from '../../stored-event.js';
import { toDate, toMoment } from './moments.js';
import { PaidFacts } from './packed-payment.js';
import { restOf } from './shared-texts.js';

/** The details that have a field of their own. The rest is what few events have. */
const FIELDS: ReadonlySet<string> = new Set<keyof EventDetails>([
  ...(['state', 'payer', 'paidAt', 'amountUnit'] as const),
]);

/** An event as the store in memory keeps it: moments are numbers, and it shares with its payment the facts that both have. */
export class PackedEvent {
  readonly id: string;
  readonly seq: number;
  readonly type: AtmEventType;
  readonly occurredAt: number;
  private readonly livemode: boolean;
  private readonly state: PaymentState | undefined;
  private readonly facts: PaidFacts | undefined;
  private readonly rest: Partial<EventDetails> | undefined;

  constructor({ id, seq, type, occurredAt, livemode, details }: StoredEvent, facts?: PaidFacts) {
    this.id = id;
    this.seq = seq;
    this.type = type;
    this.occurredAt = toMoment(occurredAt);
    this.livemode = livemode;
    this.state = details.state;
    this.facts = PaidFacts.of(details, facts);
    this.rest = restOf(details, FIELDS);
  }

  unpack(): StoredEvent {
    const { id, seq, type, livemode, state } = this;
    const details: { -readonly [Name in keyof EventDetails]: EventDetails[Name] } = {};
    if (state) details.state = state;
    this.facts?.unpackInto(details);
    Object.assign(details, this.rest);
    return { id, seq, type, occurredAt: toDate(this.occurredAt), livemode, details };
  }
}

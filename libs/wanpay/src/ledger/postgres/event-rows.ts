import type { AtmEvent } from '../events.js';
import type { DeadLetter, DeliveryFailure, EventOwed, OutcomeSeen, OwedEvent } from '../ledger.js';
import { readEvent, readOutcome } from '../record.js';
import type { Row } from './database.js';
import { millisecondsOf, toDate, toState, toTexts } from './payment-rows.js';

/** What reads a claimed event for {@link toOwedEvent}. */
export const CLAIM_SELECTION =
  'e.body::text AS body, e.attempts::text AS attempts, e.claims::text AS claims, to_json(e.handled)::text AS handled';
/** What reads an event's delivery for {@link toEventOwed} and {@link toDeadLetter}. */
export const EVENT_SELECTION = `${CLAIM_SELECTION}, e.delivery, to_json(e.failed_handlers)::text AS failed_handlers,
  e.failure_message, ${millisecondsOf('e.died_at')} AS died_at`;
/** What reads an outcome for {@link toOutcomeSeen}. */
export const OUTCOME_SELECTION = `o.source, o.outcome::text AS outcome, o.from_state, o.to_state,
  ${millisecondsOf('o.seen_at')} AS seen_at`;

/** A row of {@link CLAIM_SELECTION}. */
export type ClaimRow = Row<'body' | 'attempts' | 'claims' | 'handled'>;
/** A row of {@link EVENT_SELECTION}. */
export type EventRow = ClaimRow & Row<'delivery' | 'failed_handlers' | 'failure_message' | 'died_at'>;
/** A row of {@link OUTCOME_SELECTION}. */
export type OutcomeRow = Row<'source' | 'outcome' | 'from_state' | 'to_state' | 'seen_at'>;

/** Reads an event that was just claimed. */
export function toOwedEvent(row: ClaimRow): OwedEvent {
  const { attempts, claims, handled } = row;
  return { event: toEvent(row), attempt: Number(attempts), claim: Number(claims), handled: toTexts(handled) ?? [] };
}

/** Reads an event that was given up. */
export function toDeadLetter(row: EventRow): DeadLetter {
  return {
    event: toEvent(row),
    attempts: Number(row.attempts),
    handled: toTexts(row.handled) ?? [],
    failure: toFailure(row) ?? { handlers: [], message: '' },
    diedAt: new Date(Number(row.died_at)),
  };
}

/** Reads an event as a line of its order's history. */
export function toEventOwed(row: EventRow): EventOwed {
  const { id: eventId, type, occurredAt: at } = toEvent(row);
  const delivery = row.delivery === 'delivered' || row.delivery === 'dead' ? row.delivery : 'owed';
  const failure = toFailure(row);
  return {
    kind: 'event',
    at,
    eventId,
    type,
    delivery,
    attempts: Number(row.attempts),
    handled: toTexts(row.handled) ?? [],
    ...(failure ? { failure } : {}),
  };
}

/** Reads an outcome as a line of its order's history. */
export function toOutcomeSeen(row: OutcomeRow): OutcomeSeen {
  const { from_state: from, to_state: to } = row;
  return {
    kind: 'outcome',
    at: toDate(row.seen_at) ?? new Date(Number.NaN),
    source: row.source === 'query' ? 'query' : 'notification',
    outcome: readOutcome(row.outcome ?? ''),
    ...(from !== null && to !== null ? { change: { from: toState(from), to: toState(to) } } : {}),
  };
}

function toEvent({ body }: ClaimRow): AtmEvent {
  return readEvent(body ?? '');
}

function toFailure({ failed_handlers, failure_message }: EventRow): DeliveryFailure | undefined {
  return failure_message === null ? undefined : { handlers: toTexts(failed_handlers) ?? [], message: failure_message };
}

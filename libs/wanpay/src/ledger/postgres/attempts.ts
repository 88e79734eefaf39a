import { type Committed, GroupCommit } from '../group-commit.js';
import type { DeliveryAttempt, OwedEvent } from '../ledger.js';
import { type Database, isFaultOfOne } from './database.js';
import { RowSet } from './row-set.js';

/** What became of a claimed event. */
interface Attempt {
  readonly owed: OwedEvent;
  readonly result: DeliveryAttempt;
}

const ATTEMPTS = new RowSet<Attempt>([
  { name: 'id', type: 'text', of: ({ owed }) => owed.event.id },
  { name: 'claim', type: 'integer', of: ({ owed }) => owed.claim },
  { name: 'delivery', type: 'text', of: ({ result }) => deliveryOf(result) },
  // PostgreSQL has no arrays of arrays of different lengths, so these come as JSON.
  { name: 'handled', type: 'text', of: ({ result }) => JSON.stringify(result.handled) },
  { name: 'failed', type: 'text', of: ({ result }) => result.failure && JSON.stringify(result.failure.handlers) },
  { name: 'message', type: 'text', of: ({ result }) => result.failure && storable(result.failure.message) },
  { name: 'retry_at', type: 'timestamptz', of: ({ result }) => (result.failure ? result.retryAt : undefined) },
  { name: 'died_at', type: 'timestamptz', of: (attempt) => diedAt(attempt) },
]);

/** Records what became of claimed events; those that are done while a batch is being written are written by the next. */
export class Attempts {
  private readonly batches = new GroupCommit<Attempt, boolean>((attempts) => this.write(attempts));
  private readonly statement: string;

  constructor(private readonly db: Database) {
    this.statement = textOf(db);
  }

  /** {@link Ledger.recordAttempt} */
  record(owed: OwedEvent, result: DeliveryAttempt): Promise<boolean> {
    return this.batches.submit({ owed, result });
  }

  private async write(attempts: readonly Attempt[]): Promise<readonly Committed<boolean>[]> {
    try {
      const rows = await this.db.query<'place'>(this.statement, ATTEMPTS.values(attempts));
      const written = new Set(rows.map(({ place }) => Number(place) - 1));
      return attempts.map((_, i) => ({ result: written.has(i) }));
    } catch (error) {
      if (isFaultOfOne(error)) throw error;
      return attempts.map(() => ({ error }));
    }
  }
}

function textOf(db: Database): string {
  return `UPDATE ${db.table('events')} e SET lease_until = NULL, delivery = r.delivery,
      handled = ${unionWith(textsOf('r.handled'))},
      failed_handlers = CASE WHEN r.failed IS NOT NULL THEN ARRAY(${textsOf('r.failed')}) END,
      failure_message = r.message, due_at = coalesce(r.retry_at, e.due_at), died_at = r.died_at
    FROM ${ATTEMPTS.from(1, 'r')}
    WHERE e.id = r.id AND e.claims = r.claim AND e.delivery = 'owed' AND e.lease_until IS NOT NULL
    RETURNING r.place::text AS place`;
}

/** The handlers that an event has so far and those that are selected, each once, in the order in which they came. */
export function unionWith(selection: string): string {
  return `e.handled || ARRAY(SELECT DISTINCT h FROM (${selection}) AS s (h) WHERE h <> ALL (e.handled))`;
}

function textsOf(json: string): string {
  return `SELECT jsonb_array_elements_text(${json}::jsonb)`;
}

function deliveryOf({ failure, retryAt }: DeliveryAttempt): 'delivered' | 'owed' | 'dead' {
  if (!failure) return 'delivered';
  return retryAt ? 'owed' : 'dead';
}

function diedAt({ result }: Attempt): Date | undefined {
  return deliveryOf(result) === 'dead' ? result.now : undefined;
}

/** PostgreSQL's text holds every character but NUL, and an error's message is nobody's to choose. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}

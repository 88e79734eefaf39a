import { hash } from 'node:crypto';
import type { StoredOutcome } from './store.js';

/** What a person can do about an order, apart from accepting money. */
export type PersonActionKind = 'note' | 'reviewed' | 'queried' | 'replayed';

/** What a person did about an order. */
export interface PersonAction {
  /** `reviewed`: a person has dealt with what needed one. */
  readonly action: PersonActionKind;
  /**
   * For `reviewed`: how many of the transfers that paid nothing the person has seen, 0 or more. Later transfers still need a
   * person. Left out, all transfers count as seen.
   */
  readonly transfers?: number | undefined;
  /** What they wrote, or what it was about. */
  readonly text?: string | undefined;
  /** Who, as the host calls them. */
  readonly by?: string | undefined;
}

/** Every kind. */
export const PERSON_ACTIONS: readonly PersonActionKind[] = ['note', 'reviewed', 'queried', 'replayed'];
const DIGEST_BYTES = 8;

/** Untyped callers exist. */
export function isPersonAction(value: unknown): value is PersonActionKind {
  return PERSON_ACTIONS.some((kind) => kind === value);
}

/** An action as it is stored: a row of its own among the outcomes of its order, however often the same is done. */
export function toStoredAction({ action, text, by }: PersonAction, now: Date): StoredOutcome {
  const content = JSON.stringify(['action', action, text, by, now.getTime()]);
  return {
    digest: hash('sha256', content, 'buffer').toString('hex', 0, DIGEST_BYTES),
    source: 'person',
    outcome: {
      status: 'unknown',
      code: action,
      ...(text === undefined ? {} : { message: text }),
      ...(by === undefined ? {} : { by }),
    },
    firstSeenAt: now,
    lastSeenAt: now,
    count: 1,
  };
}

/** Reads what {@link toStoredAction} wrote; undefined for any other outcome. */
export function toAction({ source, outcome }: StoredOutcome): PersonAction | undefined {
  const action = source === 'person' ? PERSON_ACTIONS.find((kind) => kind === outcome.code) : undefined;
  return action && { action, text: outcome.message, by: outcome.by };
}

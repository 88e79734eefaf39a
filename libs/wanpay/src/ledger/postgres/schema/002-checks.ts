import type { Migration } from './migration.js';

/**
 * What reconciliation needs: when each payment is to be asked after, and leases.
 *
 * The code before knows nothing of checks, so the default plans one for what it opens; it comes after the column, so that
 * payments that are there already have none but those that are open. A payment that the code before settles keeps its
 * check, and loses it when that is claimed.
 */
export const checks: Migration = {
  version: 2,
  worksWith: 1,
  sql: (schema) => `ALTER TABLE "${schema}".payments
  ADD COLUMN next_check_at timestamptz,
  ADD COLUMN check_failures integer NOT NULL DEFAULT 0;
ALTER TABLE "${schema}".payments ALTER COLUMN next_check_at SET DEFAULT now() + interval '15 minutes';
CREATE INDEX payments_checked ON "${schema}".payments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_checked_by_merchant ON "${schema}".payments (merchant_no, next_check_at)
  WHERE next_check_at IS NOT NULL;
UPDATE "${schema}".payments SET next_check_at = now() WHERE state IN ('opening', 'pending');

CREATE INDEX events_unmatched ON "${schema}".events ((body ->> 'occurredAt') COLLATE "C")
  WHERE type = 'atm.unmatched';

CREATE TABLE "${schema}".leases (
  name text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  until timestamptz NOT NULL
);`,
};

import type { Migration } from './migration.js';

/**
 * The first tables.
 *
 * Keys collate by bytes, so that their order and their indexes don't depend on the machine's locale. An order that is
 * not in `payments` can have outcomes and events (`atm.unmatched`), so there are no foreign keys. `version` is drawn
 * from a sequence at every write: a payment that was withdrawn and opened again never has a version that it had before.
 */
export const ledgerTables: Migration = {
  version: 1,
  worksWith: 1,
  sql: (schema) => `CREATE TABLE "${schema}".migrations (
  version integer PRIMARY KEY,
  works_with integer NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE "${schema}".payments (
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  state text NOT NULL,
  amount bigint NOT NULL,
  livemode boolean NOT NULL,
  valid_days integer,
  description text,
  return_url text,
  notification_url text,
  account_number text,
  bank_code text,
  bank_name text,
  branch_code text,
  branch_name text,
  account_holder text,
  expires_at timestamptz,
  payer_bank_code text,
  payer_account text,
  paid_at timestamptz,
  amount_unit text,
  mismatched_amounts text[],
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (merchant_no, order_no)
);
CREATE INDEX payments_listed ON "${schema}".payments (created_at, merchant_no, order_no);
CREATE INDEX payments_ended ON "${schema}".payments (updated_at)
  WHERE state IN ('paid', 'failed', 'closed', 'expired');

CREATE TABLE "${schema}".outcomes (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  source text NOT NULL,
  outcome jsonb NOT NULL,
  from_state text,
  to_state text,
  seen_at timestamptz NOT NULL
);
CREATE INDEX outcomes_of_order ON "${schema}".outcomes (merchant_no, order_no, seq);

CREATE TABLE "${schema}".events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id text COLLATE "C" NOT NULL UNIQUE,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  type text NOT NULL,
  body jsonb NOT NULL,
  delivery text NOT NULL DEFAULT 'owed',
  attempts integer NOT NULL DEFAULT 0,
  claims integer NOT NULL DEFAULT 0,
  handled text[] NOT NULL DEFAULT '{}',
  due_at timestamptz NOT NULL,
  lease_until timestamptz,
  failed_handlers text[],
  failure_message text,
  died_at timestamptz
);
CREATE INDEX events_of_order ON "${schema}".events (merchant_no, order_no, seq);
CREATE INDEX events_due ON "${schema}".events (due_at, seq) WHERE delivery = 'owed' AND lease_until IS NULL;
CREATE INDEX events_claimed ON "${schema}".events (lease_until)
  WHERE delivery = 'owed' AND lease_until IS NOT NULL;
CREATE INDEX events_dead ON "${schema}".events (seq) WHERE delivery = 'dead';`,
};

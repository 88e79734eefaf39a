/** The tables of what is written by hand: a payment, what was said about it, and its events, with the indexes that lists need. */
export function byHandTables(schema: string): string {
  return `
    CREATE SCHEMA ${schema};
    CREATE TABLE ${schema}.payments (
      merchant_no text COLLATE "C" NOT NULL,
      order_no text COLLATE "C" NOT NULL,
      state text NOT NULL,
      amount bigint NOT NULL,
      livemode boolean NOT NULL,
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
      created_at timestamptz NOT NULL,
      updated_at timestamptz NOT NULL,
      next_check_at timestamptz,
      PRIMARY KEY (merchant_no, order_no)
    );
    CREATE INDEX ON ${schema}.payments (created_at, merchant_no, order_no);
    CREATE INDEX ON ${schema}.payments (updated_at) WHERE state = 'paid';
    CREATE INDEX ON ${schema}.payments (next_check_at) WHERE next_check_at IS NOT NULL;
    CREATE INDEX ON ${schema}.payments (merchant_no, next_check_at) WHERE next_check_at IS NOT NULL;

    CREATE TABLE ${schema}.outcomes (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      merchant_no text COLLATE "C" NOT NULL,
      order_no text COLLATE "C" NOT NULL,
      source text NOT NULL,
      outcome jsonb NOT NULL,
      from_state text,
      to_state text,
      seen_at timestamptz NOT NULL
    );
    CREATE INDEX ON ${schema}.outcomes (merchant_no, order_no, seq);

    CREATE TABLE ${schema}.events (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text COLLATE "C" NOT NULL UNIQUE,
      merchant_no text COLLATE "C" NOT NULL,
      order_no text COLLATE "C" NOT NULL,
      type text NOT NULL,
      body jsonb NOT NULL,
      delivery text NOT NULL DEFAULT 'pending',
      attempts integer NOT NULL DEFAULT 0,
      due_at timestamptz NOT NULL,
      lease_until timestamptz
    );
    CREATE INDEX ON ${schema}.events (merchant_no, order_no, seq);
    CREATE INDEX ON ${schema}.events (due_at, seq) WHERE delivery = 'pending' AND lease_until IS NULL;
    CREATE INDEX ON ${schema}.events (lease_until) WHERE delivery = 'pending' AND lease_until IS NOT NULL;
    CREATE INDEX ON ${schema}.events (seq) WHERE delivery = 'dead';`;
}

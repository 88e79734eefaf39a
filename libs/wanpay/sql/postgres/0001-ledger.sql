-- The ledger's tables, for PostgreSQL 14 and later. By hand: psql -1 -v schema=wanpay -f 0001-ledger.sql
--
-- Every key begins with the merchant and the order, so that the tables can be partitioned by merchant. Keys collate by bytes,
-- so that their order and their indexes do not depend on the machine's locale. Documents are never searched, hence json. Moments are
-- milliseconds since 1970, which hold every moment that JavaScript has: to_timestamp(created_at / 1000.0) shows one.

CREATE TABLE :"schema".wanpay_migrations (
  version integer PRIMARY KEY,
  works_with integer NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- Payments, and orders that are known from the platform's word alone (state 'unknown').
CREATE TABLE :"schema".wanpay_orders (
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  next_check_at bigint,
  amount bigint,
  version integer NOT NULL,
  event_count integer NOT NULL,
  check_failures integer NOT NULL,
  needs_review boolean NOT NULL,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  settled_by text,
  account_no text COLLATE "C",
  payer_no text COLLATE "C",
  document json NOT NULL,
  PRIMARY KEY (merchant_no, order_no)
);
CREATE INDEX wanpay_orders_listed ON :"schema".wanpay_orders (state, created_at);
CREATE INDEX wanpay_orders_of_merchant ON :"schema".wanpay_orders (merchant_no, state, created_at);
CREATE INDEX wanpay_orders_checked ON :"schema".wanpay_orders (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX wanpay_orders_checked_of_merchant ON :"schema".wanpay_orders (merchant_no, next_check_at)
  WHERE next_check_at IS NOT NULL;

-- What people search by: the amount asked, the virtual account, and the last five digits of the payer's.
CREATE INDEX wanpay_orders_of_amount ON :"schema".wanpay_orders (amount, created_at);
CREATE INDEX wanpay_orders_of_account ON :"schema".wanpay_orders (account_no, created_at) WHERE account_no IS NOT NULL;
CREATE INDEX wanpay_orders_of_payer ON :"schema".wanpay_orders (payer_no, created_at) WHERE payer_no IS NOT NULL;
CREATE INDEX wanpay_orders_for_review ON :"schema".wanpay_orders (created_at) WHERE needs_review;

CREATE TABLE :"schema".wanpay_outcomes (
  first_seen_at bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  digest bigint NOT NULL,
  count integer NOT NULL,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  source text NOT NULL,
  from_state text,
  to_state text,
  outcome json NOT NULL,
  PRIMARY KEY (merchant_no, order_no, digest)
);

-- kept: nobody had subscribed to its type when it was recorded.
CREATE TABLE :"schema".wanpay_events (
  occurred_at bigint NOT NULL,
  seq integer NOT NULL,
  livemode boolean NOT NULL,
  kept boolean NOT NULL,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  id text NOT NULL,
  details json NOT NULL,
  PRIMARY KEY (merchant_no, order_no, seq)
);
CREATE INDEX wanpay_events_kept ON :"schema".wanpay_events (type, occurred_at) WHERE kept;
-- Of several ranges for each group of pages, since purging lets new events take the place of old ones.
CREATE INDEX wanpay_events_occurred ON :"schema".wanpay_events
  USING brin (occurred_at int8_minmax_multi_ops) WITH (pages_per_range = 16, autosummarize = on);

CREATE TABLE :"schema".wanpay_subscriptions (
  number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  handler text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  subscribed_at bigint NOT NULL,
  last_seen_at bigint NOT NULL,
  UNIQUE (handler, type)
);

-- state: pending, claimed (due_at is then when the claim lapses), delivered or dead.
CREATE TABLE :"schema".wanpay_deliveries (
  position bigint GENERATED ALWAYS AS IDENTITY,
  due_at bigint NOT NULL,
  finished_at bigint,
  subscription integer NOT NULL,
  seq integer NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  claim integer NOT NULL DEFAULT 0,
  merchant_no text COLLATE "C" NOT NULL,
  order_no text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'pending',
  failure text,
  PRIMARY KEY (merchant_no, order_no, seq, subscription)
);
CREATE INDEX wanpay_deliveries_listed ON :"schema".wanpay_deliveries (subscription, state, position);
CREATE INDEX wanpay_deliveries_due ON :"schema".wanpay_deliveries (subscription, due_at)
  WHERE state IN ('pending', 'claimed');

CREATE TABLE :"schema".wanpay_leases (
  name text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  until bigint NOT NULL
);

-- Documents that are kept beside the payments, such as reports.
CREATE TABLE :"schema".wanpay_records (
  at bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  document json NOT NULL,
  PRIMARY KEY (kind, at, id)
);

INSERT INTO :"schema".wanpay_migrations (version, works_with) VALUES (1, 1);

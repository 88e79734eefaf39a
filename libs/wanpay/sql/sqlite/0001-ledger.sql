-- The ledger's tables. Moments are milliseconds since 1970. What a column holds apart from its document is there to be
-- searched by. Tables WITHOUT ROWID lie in the order of their key, so that what belongs to an order is written together.

-- Payments, and orders that are known from the platform's word alone (state 'unknown').
CREATE TABLE wanpay_orders (
  merchant_no TEXT NOT NULL,
  order_no TEXT NOT NULL,
  version INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  state TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  needs_review INTEGER NOT NULL,
  settled_by TEXT,
  next_check_at INTEGER,
  check_failures INTEGER NOT NULL,
  amount INTEGER,
  account_no TEXT,
  payer_no TEXT,
  document TEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no)
) STRICT;
CREATE INDEX wanpay_orders_listed ON wanpay_orders (state, created_at);
CREATE INDEX wanpay_orders_of_merchant ON wanpay_orders (merchant_no, state, created_at);
CREATE INDEX wanpay_orders_checked ON wanpay_orders (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX wanpay_orders_checked_of_merchant ON wanpay_orders (merchant_no, next_check_at)
  WHERE next_check_at IS NOT NULL;

-- What people search by: the amount asked, the virtual account, and the last five digits of the payer's.
CREATE INDEX wanpay_orders_of_amount ON wanpay_orders (amount, created_at) WHERE amount IS NOT NULL;
CREATE INDEX wanpay_orders_of_account ON wanpay_orders (account_no, created_at) WHERE account_no IS NOT NULL;
CREATE INDEX wanpay_orders_of_payer ON wanpay_orders (payer_no, created_at) WHERE payer_no IS NOT NULL;
CREATE INDEX wanpay_orders_for_review ON wanpay_orders (created_at) WHERE needs_review = 1;

CREATE TABLE wanpay_outcomes (
  merchant_no TEXT NOT NULL,
  order_no TEXT NOT NULL,
  digest TEXT NOT NULL,
  source TEXT NOT NULL,
  from_state TEXT,
  to_state TEXT,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no, digest)
) STRICT, WITHOUT ROWID;

-- is_kept: nobody had subscribed to its type when it was recorded.
CREATE TABLE wanpay_events (
  merchant_no TEXT NOT NULL,
  order_no TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  livemode INTEGER NOT NULL,
  is_kept INTEGER NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX wanpay_events_occurred ON wanpay_events (type, is_kept, occurred_at);

CREATE TABLE wanpay_subscriptions (
  handler TEXT NOT NULL,
  type TEXT NOT NULL,
  subscribed_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (handler, type)
) STRICT, WITHOUT ROWID;

-- state: pending, claimed (due_at is then when the claim lapses), delivered or dead.
-- is_next: the first of its order and handler that is pending or claimed. Only such a one is handed out.
CREATE TABLE wanpay_deliveries (
  position INTEGER PRIMARY KEY,
  merchant_no TEXT NOT NULL,
  order_no TEXT NOT NULL,
  handler TEXT NOT NULL,
  seq INTEGER NOT NULL,
  type TEXT NOT NULL,
  occurred_at INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  is_next INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  claim INTEGER NOT NULL DEFAULT 0,
  failure TEXT,
  finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX wanpay_deliveries_of_order ON wanpay_deliveries (merchant_no, order_no, handler, seq);
CREATE INDEX wanpay_deliveries_due ON wanpay_deliveries (handler, type, due_at) WHERE is_next = 1;
CREATE INDEX wanpay_deliveries_listed ON wanpay_deliveries (handler, type, state, position, occurred_at);

-- Documents that are kept beside the payments, such as reports.
CREATE TABLE wanpay_records (
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  id TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (kind, at, id)
) STRICT, WITHOUT ROWID;

-- "wanp". The version is that of the tables, and in the thousands the oldest version of the code that works with them.
PRAGMA application_id = 2002873968;
PRAGMA user_version = 1001;

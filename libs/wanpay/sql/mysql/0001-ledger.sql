-- The ledger's tables, for MySQL 8.0.22 and MariaDB 10.6 and later. By hand: mysql shop < 0001-ledger.sql
--
-- Texts collate by their characters' codes, and a space at the end counts, so that no two keys are taken for one. The two
-- servers name that collation differently: each skips the comment that is meant for the other. Documents are never searched,
-- hence text, which comes back as it was written. Moments are milliseconds since 1970, which hold every moment that JavaScript
-- has: FROM_UNIXTIME(created_at / 1000) shows one. No statement of a step is undone when a later one fails, so each can be run
-- again.

CREATE TABLE IF NOT EXISTS wanpay_migrations (
  version INT NOT NULL PRIMARY KEY,
  works_with INT NOT NULL,
  applied_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB;

-- Payments, and orders that are known from the platform's word alone (state 'unknown').
CREATE TABLE IF NOT EXISTS wanpay_orders (
  merchant_no VARCHAR(100) NOT NULL,
  order_no VARCHAR(100) NOT NULL,
  version INT NOT NULL,
  event_count INT NOT NULL,
  next_check_at BIGINT,
  check_failures INT NOT NULL,
  state VARCHAR(16) NOT NULL,
  settled_by VARCHAR(16),
  needs_review BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  amount BIGINT,
  account_no VARCHAR(100),
  payer_no VARCHAR(16),
  document MEDIUMTEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no),
  KEY wanpay_orders_listed (state, created_at),
  KEY wanpay_orders_of_merchant (merchant_no, state, created_at),
  KEY wanpay_orders_checked (next_check_at),
  KEY wanpay_orders_checked_of_merchant (merchant_no, next_check_at),
  KEY wanpay_orders_of_amount (amount, created_at),
  KEY wanpay_orders_of_account (account_no, created_at),
  KEY wanpay_orders_of_payer (payer_no, created_at),
  KEY wanpay_orders_for_review (needs_review, created_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

CREATE TABLE IF NOT EXISTS wanpay_outcomes (
  merchant_no VARCHAR(100) NOT NULL,
  order_no VARCHAR(100) NOT NULL,
  digest CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  source VARCHAR(16) NOT NULL,
  from_state VARCHAR(16),
  to_state VARCHAR(16),
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  `count` INT NOT NULL,
  outcome MEDIUMTEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no, digest)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

-- kept: nobody had subscribed to its type when it was recorded. 2: it is being handed to those who have now.
CREATE TABLE IF NOT EXISTS wanpay_events (
  merchant_no VARCHAR(100) NOT NULL,
  order_no VARCHAR(100) NOT NULL,
  seq INT NOT NULL,
  id VARCHAR(100) NOT NULL,
  type VARCHAR(64) NOT NULL,
  occurred_at BIGINT NOT NULL,
  livemode BOOLEAN NOT NULL,
  kept TINYINT NOT NULL,
  details MEDIUMTEXT NOT NULL,
  PRIMARY KEY (merchant_no, order_no, seq),
  KEY wanpay_events_occurred (type, kept, occurred_at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

CREATE TABLE IF NOT EXISTS wanpay_subscriptions (
  number INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  handler VARCHAR(255) NOT NULL,
  type VARCHAR(64) NOT NULL,
  subscribed_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  UNIQUE KEY wanpay_subscriptions_of_handler (handler, type)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

-- state: pending, claimed (due_at is then when the claim lapses), delivered or dead.
CREATE TABLE IF NOT EXISTS wanpay_deliveries (
  `position` BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  merchant_no VARCHAR(100) NOT NULL,
  order_no VARCHAR(100) NOT NULL,
  seq INT NOT NULL,
  subscription INT NOT NULL,
  state VARCHAR(16) NOT NULL DEFAULT 'pending',
  due_at BIGINT NOT NULL,
  attempts INT NOT NULL DEFAULT 0,
  claim INT NOT NULL DEFAULT 0,
  failure MEDIUMTEXT,
  finished_at BIGINT,
  UNIQUE KEY wanpay_deliveries_of_order (merchant_no, order_no, seq, subscription),
  KEY wanpay_deliveries_due (subscription, state, due_at),
  KEY wanpay_deliveries_listed (subscription, state, `position`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

CREATE TABLE IF NOT EXISTS wanpay_leases (
  name VARCHAR(255) NOT NULL PRIMARY KEY,
  holder VARCHAR(255) NOT NULL,
  `until` BIGINT NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

-- Documents that are kept beside the payments, such as reports.
CREATE TABLE IF NOT EXISTS wanpay_records (
  kind VARCHAR(32) NOT NULL,
  at BIGINT NOT NULL,
  id VARCHAR(100) NOT NULL,
  document MEDIUMTEXT NOT NULL,
  PRIMARY KEY (kind, at, id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4
  /*!80017 COLLATE utf8mb4_0900_bin */ /*M!100600 COLLATE utf8mb4_nopad_bin */;

INSERT INTO wanpay_migrations (version, works_with) VALUES (1, 1);

import { InvalidFieldError } from '../../../../protocol/index.js';

/** What is kept for each order, and grows with them. */
const TABLES = ['orders', 'outcomes', 'events', 'deliveries'] as const;
const MOST = 1024;

/**
 * The first step of the tables with those that grow hash-partitioned by merchant. A partitioned table's identity column is a
 * matter of PostgreSQL 17, so a sequence numbers the deliveries.
 *
 * @throws InvalidFieldError when the number of partitions is not 2 to 1,024
 */
export function partitioned(sql: string, partitions: number): string {
  if (!Number.isInteger(partitions) || partitions < 2 || partitions > MOST) {
    throw new InvalidFieldError('partitions', `must be a whole number from 2 to ${MOST}.`);
  }
  const sequence = ':"schema".wanpay_deliveries_position';
  return TABLES.reduce((text, table) => text.replace(tableOf(table), `$1${partitionsOf(table, partitions)}`), sql)
    .replace('bigint GENERATED ALWAYS AS IDENTITY,', `bigint NOT NULL DEFAULT nextval('${sequence}'),`)
    .replace(/^CREATE TABLE \S+wanpay_deliveries /m, (start) => `CREATE SEQUENCE ${sequence};\n${start}`);
}

/** The statement that makes a table, without its end. */
function tableOf(table: string): RegExp {
  return new RegExp(`^(CREATE TABLE \\S+wanpay_${table} \\([^;]*\\n\\));`, 'm');
}

function partitionsOf(table: string, count: number): string {
  const name = `:"schema".wanpay_${table}`;
  const each = Array.from(
    { length: count },
    (_, i) => `CREATE TABLE ${name}_${i} PARTITION OF ${name} FOR VALUES WITH (MODULUS ${count}, REMAINDER ${i});`,
  );
  return ` PARTITION BY HASH (merchant_no);\n${each.join('\n')}`;
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerStore } from 'nestjs-wanpay/ledger';
import { postgres } from 'nestjs-wanpay/postgres';
import { sqlite } from 'nestjs-wanpay/sqlite';

/** Where payments are kept: PostgreSQL where there is one, and a file otherwise. */
export function chooseLedger({ data, databaseUrl }: { data: string; databaseUrl: string | undefined }): LedgerStore {
  if (databaseUrl) return postgres({ connectionString: databaseUrl });
  mkdirSync(data, { recursive: true });
  return sqlite({ file: join(data, 'wanpay.db') });
}

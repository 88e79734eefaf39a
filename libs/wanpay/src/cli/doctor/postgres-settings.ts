import { loadPg } from '../../ledger/stores/postgres/pool.js';
import { type Finding, reporter } from './finding.js';

const report = reporter('ledger');
const ADVICE =
  'Set it to on again (postgresql.conf, ALTER SYSTEM, ALTER ROLE or ALTER DATABASE): a payment that was acknowledged is ' +
  'lost with the server, and the platform does not repeat it.';

interface Setting {
  readonly name: string;
  readonly setting: string;
}

/** Settings of PostgreSQL by which a commit that was acknowledged may be lost when the server or its machine fails. */
export async function commitFindings(connectionString: string): Promise<readonly Finding[]> {
  const { Client } = await loadPg();
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<Setting>(
      "SELECT name, setting FROM pg_settings WHERE setting = 'off' AND name IN ('fsync', 'full_page_writes', 'synchronous_commit')",
    );
    return rows.map(({ name }) =>
      report.warning('commits_may_be_lost', `PostgreSQL runs with ${name} off: commits may be lost.`, ADVICE),
    );
  } finally {
    await client.end();
  }
}

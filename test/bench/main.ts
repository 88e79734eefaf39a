// `npm run bench`: measures the groups that are named, or all, and prints one table.
import { parseArgs } from 'node:util';
import { PostgresServer } from '../servers/postgres.js';
import { createPayment } from './create-payment.js';
import { deliveryLatency } from './delivery-latency.js';
import { desk } from './desk.js';
import { growth } from './growth.js';
import { HostProcesses } from './host/remote.js';
import { install } from './install.js';
import { describeMachine } from './machine.js';
import { listeners } from './listeners.js';
import { memory } from './memory.js';
import { mysqlSettlement } from './mysql-settlement.js';
import { notification } from './notification.js';
import { onNewerNode } from './peers/node.js';
import { queues } from './peers/queues.js';
import { webhooks } from './peers/webhooks.js';
import type { Bench, Note, Plan } from './plan.js';
import { poison } from './poison.js';
import { postgresSettlement } from './postgres-settlement.js';
import type { Row } from './row.js';
import { signature } from './signature.js';
import { sqliteSettlement } from './sqlite-settlement.js';
import { startUp } from './start-up.js';
import { sweep } from './sweep.js';
import { toMarkdown, toText } from './table.js';
import { telemetry } from './telemetry.js';

const GROUPS: Readonly<Record<string, Bench>> = {
  signature,
  notification,
  telemetry,
  postgres: postgresSettlement,
  mysql: mysqlSettlement,
  poison,
  sqlite: sqliteSettlement,
  latency: deliveryLatency,
  payment: createPayment,
  sweep,
  desk,
  startup: startUp,
  memory,
  listeners,
  install,
  growth,
};
/** What `--peers` measures instead, with packages that are installed for it alone. */
const PEER_GROUPS: Readonly<Record<string, Bench>> = { webhooks, queues };
/** `install` asks the package registry, which a test must not; `growth` would be a server more. */
const NOT_IN_SMOKE = ['install', 'growth'];
/** It takes a quarter of an hour and 20 GB. */
const ONLY_BY_NAME = ['growth'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    notes: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    profile: { type: 'string' },
    server: { type: 'string' },
  },
});

const groups = values.peers ? PEER_GROUPS : GROUPS;
const unknown = positionals.filter((name) => !Object.hasOwn(groups, name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench called ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}.\n`,
  );
  process.exit(2);
}
const elsewhere = values.peers ? await onNewerNode() : undefined;
if (elsewhere !== undefined) process.exit(elsewhere);

let server: Promise<PostgresServer> | undefined;
const counted = Number(values.rounds ?? (values.smoke ? 1 : 7));
const plan: Plan = {
  smoke: values.smoke,
  rounds: { warmUp: values.smoke ? 0 : 2, counted },
  ...(values.profile === undefined ? {} : { profileFolder: values.profile }),
  ...(values.server === undefined ? {} : { server: values.server }),
  hosts: new HostProcesses(values.smoke),
  postgres: () => (server ??= PostgresServer.start()),
};

const rows: Row[] = [];
const notes: Note[] = [];
try {
  for (const [name, bench] of Object.entries(groups)) {
    const leftOut = plan.smoke ? NOT_IN_SMOKE : ONLY_BY_NAME;
    if (positionals.length > 0 ? !positionals.includes(name) : leftOut.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    const result = await bench(plan);
    rows.push(...result.rows);
    notes.push(...(result.notes ?? []));
  }
  process.stdout.write(await report());
} finally {
  await plan.hosts.stop();
  await (await server)?.stop();
}

async function report(): Promise<string> {
  if (values.json) return `${JSON.stringify(rows, undefined, 2)}\n`;
  const machine = await describeMachine(await server);
  if (values.markdown)
    return [...machine.map((line) => `- ${line}`), '', toMarkdown(rows), ...notesOf()].join('\n') + '\n';
  return (
    [
      ...machine,
      `Medians of at least ${counted} rounds (min–max)`,
      '',
      toText(rows),
      ...(values.notes ? notesOf() : []),
    ].join('\n') + '\n'
  );
}

function notesOf(): readonly string[] {
  return notes.flatMap(({ title, lines }) => ['', `${title}:`, '', '```text', ...lines, '```']);
}

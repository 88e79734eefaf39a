import 'reflect-metadata';
import { inspect } from 'node:util';
import { startWanPayEmulator } from 'wanpay-emulator';
import { freePort } from '../processes/ports.js';
import { everything, exemptingNothing } from './everything.js';
import { graphql } from './graphql.js';
import { HostRun } from './host-run.js';
import { hybrid, microservice } from './messages.js';
import { commander, worker } from './workers.js';

/** Runs each host against one emulator, and prints what came of it, a line of JSON each. */
const HOSTS = { everything, exemptingNothing, graphql, hybrid, microservice, worker, commander };

const emulator = await startWanPayEmulator({ clock: { stopped: true } });
for (const [name, host] of Object.entries(HOSTS)) {
  const run = new HostRun(emulator, await freePort());
  const findings = await host(run).catch((error: unknown) => ({ failure: inspect(error) }));
  await run.close();
  process.stdout.write(`${JSON.stringify({ host: name, ...findings })}\n`);
}
await emulator.close();

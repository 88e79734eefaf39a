import { parseArgs } from 'node:util';
import { MariaDbServer } from '../servers/mariadb.js';
import { PostgresServer } from '../servers/postgres.js';
import { type HostName, HOSTS, isHostName, type Step, STEPS } from './hosts.js';
import { matrix } from './matrix.js';
import { type NodeVersion, nodeVersion, THIS_NODE } from './node-versions.js';
import { withPackedLibraries } from './packed-libraries.js';
import { Passes } from './passes.js';
import { type HostResult, tryHost } from './try-host.js';

/**
 * Tries the packed libraries in every host, or in those named on the command line, with this Node.js and with those of
 * `--node 22 --node 24`, and prints what came of it. `--resume` leaves out what worked before with the very same files;
 * `--quick` tries what `npm test` has time for.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: 'string', multiple: true, default: [] },
    resume: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !isHostName(name));
if (unknown.length > 0) {
  throw new Error(`There is no host ${unknown.join(', ')}. There are: ${Object.keys(HOSTS).join(', ')}.`);
}
const names = (positionals.length > 0 ? positionals : Object.keys(HOSTS))
  .filter(isHostName)
  .filter((name) => !values.quick || HOSTS[name].quick);
const nodes: NodeVersion[] = [THIS_NODE];
for (const wanted of values.node) {
  const node = await nodeVersion(wanted);
  if (!nodes.some(({ version }) => version === node.version)) nodes.push(node);
}

let postgres: PostgresServer | undefined;
let mariaDb: MariaDbServer | undefined;

const results = await withPackedLibraries(async (libraries) => {
  const tried: HostResult[] = [];
  for (const host of names) {
    const passes = new Passes(host, libraries);
    for (const node of nodes) {
      const known = values.resume ? await passes.of(node.version) : undefined;
      const result = known ?? (await tryHost(host, libraries, node, stepsOf(host), await settingsOf(host)));
      if (!values.quick) await passes.keep(result);
      print(result);
      tried.push(result);
    }
  }
  return tried;
});

await Promise.all([postgres?.stop(), mariaDb?.stop()]);
console.log(`\n${matrix(results)}`);
if (results.some(({ failure }) => failure)) process.exitCode = 1;

function stepsOf(host: HostName): readonly Step[] {
  const { quick, steps = STEPS } = HOSTS[host];
  return (values.quick ? quick : undefined) ?? steps;
}

/** A database for each try. */
async function settingsOf(host: HostName): Promise<Readonly<Record<string, string>>> {
  const { database } = HOSTS[host];
  if (database === 'PostgreSQL') {
    postgres ??= await PostgresServer.start({ fsync: false });
    return { DATABASE_URL: await postgres.createDatabase() };
  }
  if (database === 'MariaDB') {
    mariaDb ??= await MariaDbServer.start({ fsync: false });
    return { DATABASE_URL: await mariaDb.createDatabase() };
  }
  return {};
}

function print({ host, node, seconds, line, failure }: HostResult): void {
  const times = Object.entries(seconds).map(([step, taken]) => `${step} ${taken.toFixed(1)} s`);
  console.log(
    `${host}, Node.js ${node} (${times.join(', ')}): ${failure ? `${failure.step} failed\n${failure.output}` : (line ?? 'works')}`,
  );
}

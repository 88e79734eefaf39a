/** The ports of `npm start`, which are looked at before anything is built. */
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';

const HOST = '127.0.0.1';
const PORTS = [
  { program: 'the emulator', variable: 'EMULATOR_PORT', usual: '4010', other: '4011' },
  { program: 'the shop', variable: 'SHOP_PORT', usual: '3000', other: '3001' },
];

/** What stands in the way of the ports, a sentence each; empty when nothing does. */
export async function findPortProblems(env) {
  const problems = await Promise.all(PORTS.map((each) => problemOf(each, env[each.variable] || each.usual)));
  return problems.filter((problem) => problem !== undefined);
}

async function problemOf({ program, variable, other }, value) {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (!(port >= 1 && port <= 65_535)) return `${variable} must be a port from 1 to 65535, such as ${other}.`;
  const code = await tryToListen(port);
  if (code === undefined) return undefined;
  const why = code === 'EADDRINUSE' ? 'the port is taken' : `it is not allowed (${code})`;
  return (
    `Cannot listen on ${HOST}, port ${port}: ${why}. It is meant for ${program}: set ${variable} to another, ` +
    `such as ${variable}=${other} npm start.`
  );
}

/** The code of the failure; undefined when the port is free. */
function tryToListen(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }) => resolve(code ?? 'unknown'));
    server.listen(port, HOST, () => server.close(() => resolve(undefined)));
  });
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const problem of await findPortProblems(process.env)) {
    console.error(problem);
    process.exitCode = 1;
  }
}

/** The ports of `npm start`, which are looked at before anything is built. */
import { createServer } from 'node:net';
import { pathToFileURL } from 'node:url';
import { sayIn } from './language.js';

const HOST = '127.0.0.1';
const PORTS = [
  { program: ['the emulator', '模擬器'], variable: 'EMULATOR_PORT', usual: '4010', other: '4011' },
  { program: ['the shop', '商店'], variable: 'SHOP_PORT', usual: '3000', other: '3001' },
];

/** What stands in the way of the ports, a sentence each; empty when nothing does. */
export async function findPortProblems(env) {
  const problems = await Promise.all(
    PORTS.map((each) => problemOf(each, env[each.variable] || each.usual, sayIn(env))),
  );
  return problems.filter((problem) => problem !== undefined);
}

async function problemOf({ program, variable, other }, value, say) {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (!(port >= 1 && port <= 65_535)) {
    return say(
      `${variable} must be a port from 1 to 65535, such as ${other}.`,
      `${variable} 須為 1 到 65535 的連接埠，例如 ${other}。`,
    );
  }
  const code = await tryToListen(port);
  if (code === undefined) return undefined;
  const why =
    code === 'EADDRINUSE'
      ? say('the port is taken', '連接埠已被使用')
      : say(`it is not allowed (${code})`, `沒有權限（${code}）`);
  return say(
    `Cannot listen on ${HOST}, port ${port}: ${why}. It is meant for ${program[0]}: set ${variable} to another, ` +
      `such as ${variable}=${other} npm start.`,
    `無法在 ${HOST} 的連接埠 ${port} 接收連線：${why}。這是給${program[1]}用的：請將 ${variable} 設為其他連接埠，` +
      `例如 ${variable}=${other} npm start。`,
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

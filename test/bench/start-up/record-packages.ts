// Imported before a program: when that ends, prints each package that it loaded, and how many files of it.
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';

const PACKAGE = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;
/** Where the library's link in node_modules leads to. */
const LIBRARY = '/libs/wanpay/';

const { port1, port2 } = new MessageChannel();
register('./loader.js', { parentURL: import.meta.url, data: { port: port2 }, transferList: [port2] });

process.once('exit', () => {
  const files = new Set(Object.keys(createRequire(import.meta.url).cache));
  for (let seen = receiveMessageOnPort(port1); seen; seen = receiveMessageOnPort(port1)) {
    files.add(decodeURIComponent(new URL(String(seen.message)).pathname));
  }
  const counts = new Map<string, number>();
  for (const file of files) {
    const name = PACKAGE.exec(file)?.[1] ?? (file.includes(LIBRARY) ? 'nestjs-wanpay' : undefined);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  process.stdout.write([...counts].map(([name, count]) => `${name} ${count}\n`).join(''));
});

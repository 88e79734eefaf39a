// A process under load. It starts the hosts that messages ask for, does what they ask of each, and ends when nobody can ask.
import 'reflect-metadata';
import { isMessage, type Message } from './make.js';
import { RunningHost } from './running-host.js';

const hosts = new Map<number, RunningHost>();

process.on('message', (message) => {
  if (isMessage(message)) void answer(message).then(say);
});
process.once('disconnect', () => void end());
say([]);

async function answer(message: Message): Promise<readonly number[]> {
  if ('make' in message) {
    const host = await RunningHost.start(message.make);
    hosts.set(host.port, host);
    return [host.port];
  }
  const host = hosts.get(message.port);
  if (!host) throw new Error(`There is no host at port ${message.port}.`);
  if (message.ask !== 'stop') return host.answer(message);
  hosts.delete(message.port);
  await host.stop();
  return [];
}

function say(numbers: readonly number[]): void {
  process.send?.({ numbers });
}

async function end(): Promise<void> {
  await Promise.all([...hosts.values()].map((host) => host.stop()));
  process.exit();
}

import { createServer, type Server } from 'node:net';

/** Ports that systems don't hand out by themselves, so that nothing else takes one between our looking and using it. */
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** A port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = await occupy(port);
    await release(server);
    if (server) return port;
  }
}

/** Listens on a port; undefined when it is taken. */
export async function occupy(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(undefined);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

/** Lets a port go again. */
export async function release(server: Server | undefined): Promise<void> {
  if (server) await new Promise((resolve) => server.close(resolve));
}

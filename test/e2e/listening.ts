import { type Server } from 'node:http';
import { afterTest } from './after-test.js';
import { portOf } from './host.js';

/** Lets a server of the test's own listen, until the test ends; tells its port. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

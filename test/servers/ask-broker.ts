/** Asks the broker of this run for an empty database on a server that all specs share; resolves with its address. */
export async function askBroker(server: 'postgres' | 'mariadb'): Promise<string> {
  const { TEST_SERVER_BROKER } = process.env;
  if (!TEST_SERVER_BROKER) throw new Error('The server broker is not running: run the tests through Jest.');
  const response = await fetch(`${TEST_SERVER_BROKER}/${server}`, { method: 'POST' });
  const answer = await response.text();
  if (!response.ok) throw new Error(`No database could be made: ${answer}`);
  return answer;
}

/**
 * Asks the broker of this run for an empty database on a server that all specs share, or for the data folder to copy for a
 * PostgreSQL of one's own; resolves with its address.
 */
export async function askBroker(wanted: 'postgres' | 'mariadb' | 'postgres-data'): Promise<string> {
  const { TEST_SERVER_BROKER } = process.env;
  if (!TEST_SERVER_BROKER) throw new Error('The server broker is not running: run the tests through Jest.');
  const response = await fetch(`${TEST_SERVER_BROKER}/${wanted}`, { method: 'POST' });
  const answer = await response.text();
  if (!response.ok) throw new Error(`The server broker could not make it: ${answer}`);
  return answer;
}

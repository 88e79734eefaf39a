/**
 * Makes an empty database on the PostgreSQL server that all specs of a run share; returns its address. A commit on it does
 * not wait for the disk. A spec that kills its server starts one of its own.
 */
export async function createDatabase(): Promise<string> {
  const { TEST_SERVER_BROKER } = process.env;
  if (!TEST_SERVER_BROKER) throw new Error('The server broker is not running: run the tests through Jest.');
  const response = await fetch(TEST_SERVER_BROKER, { method: 'POST' });
  const answer = await response.text();
  if (!response.ok) throw new Error(`No database could be made: ${answer}`);
  return answer;
}

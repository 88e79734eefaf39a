import { askBroker } from './ask-broker.js';

/**
 * Makes an empty database on the MariaDB server that all specs of a run share; returns its address. A commit on it does not
 * wait for the disk. A spec that kills its server starts one of its own.
 */
export function createMariaDbDatabase(): Promise<string> {
  return askBroker('mariadb');
}

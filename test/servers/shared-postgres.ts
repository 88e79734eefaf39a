import { askBroker } from './ask-broker.js';

/**
 * Makes an empty database on the PostgreSQL server that all specs of a run share; returns its address. A commit on it does
 * not wait for the disk. A spec that kills its server starts one of its own.
 */
export function createDatabase(): Promise<string> {
  return askBroker('postgres');
}

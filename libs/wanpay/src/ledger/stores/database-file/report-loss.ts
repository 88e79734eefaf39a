import { StructuredLogger } from '../../../logging/structured-logger.js';

/** Logs that the file of a ledger is lost. */
export function reportLoss(line: string): void {
  new StructuredLogger('WanPaySqlite').error('database_file_lost', line);
}

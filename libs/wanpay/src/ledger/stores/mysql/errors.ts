import { WanPayError } from '../../../protocol/index.js';
import { StoreUnavailableError } from '../../errors.js';

/** `mysql()` needs the host to have `mysql2` installed, and a pool of that package. */
export class Mysql2MissingError extends WanPayError {
  readonly code = 'mysql2_missing';

  constructor(found: string, cause?: unknown) {
    super(`The MySQL ledger needs the mysql2 package, version 3: npm install mysql2. ${found}`, { cause });
  }
}

/** The server can't be reached, does not answer, or refuses us; the cause says why, without the connection. */
export class MysqlUnavailableError extends StoreUnavailableError {
  override readonly code = 'mysql_unavailable';
}

/** The server, or the way in which it is set up, is not one that the ledger's rows are safe with. */
export class MysqlUnsupportedError extends WanPayError {
  readonly code = 'mysql_unsupported';
}

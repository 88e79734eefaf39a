import type { Database } from './database.js';
import { MysqlUnsupportedError } from './errors.js';

const ASK = `SELECT VERSION() AS version, DATABASE() AS name, @@SESSION.sql_mode AS mode, @@character_set_client AS charset,
  (SELECT SUPPORT FROM information_schema.ENGINES WHERE ENGINE = 'InnoDB') AS engine`;
const OTHER_ENGINES = `SELECT TABLE_NAME AS name, ENGINE AS engine FROM information_schema.TABLES
  WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'wanpay\\_%' AND ENGINE <> 'InnoDB'`;

/**
 * Refuses a server, or a connection, that would keep rows otherwise than they are given.
 *
 * @throws MysqlUnsupportedError
 */
export async function checkServer(db: Database): Promise<void> {
  const { name, engine, ...found } = (await db.read(ASK))[0] ?? {};
  const [version, mode, charset] = [String(found.version), String(found.mode), String(found.charset)] as const;
  refuse(!isSupported(version), `The ledger needs MySQL 8.0.22 or MariaDB 10.6 or later; this is ${version}.`);
  refuse(!/^(YES|DEFAULT)$/.test(String(engine)), 'The server has no InnoDB, and the ledger needs its transactions.');
  refuse(name === null, 'No database is chosen: name one in the uri, or in the database of the pool.');
  refuse(charset !== 'utf8mb4', `The pool speaks ${charset}: give it the charset utf8mb4, which has every character.`);
  refuse(!/STRICT_(TRANS|ALL)_TABLES/.test(mode), 'The sql_mode cuts off what does not fit: make it strict.');
  refuse(mode.includes('NO_BACKSLASH_ESCAPES'), 'mysql2 is not safe with NO_BACKSLASH_ESCAPES in the sql_mode.');
}

/**
 * Refuses tables of the ledger that can't roll back.
 *
 * @throws MysqlUnsupportedError
 */
export async function checkEngines(db: Database): Promise<void> {
  const [other] = await db.read(OTHER_ENGINES);
  refuse(
    other !== undefined,
    `The table ${String(other?.name)} is kept by ${String(other?.engine)}: make it an InnoDB table.`,
  );
}

function refuse(condition: boolean, message: string): void {
  if (condition) throw new MysqlUnsupportedError(message);
}

/** SKIP LOCKED came with MariaDB 10.6; all that the statements use, with MySQL 8.0.22. */
function isSupported(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  if (/mariadb/i.test(version)) return major > 10 || (major === 10 && minor >= 6);
  return major > 8 || (major === 8 && (minor > 0 || patch >= 22));
}

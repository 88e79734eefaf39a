import { randomUUID } from 'node:crypto';
import type { WanPayService } from 'nestjs-wanpay';
import type { KeptRecord } from 'nestjs-wanpay/ledger';
import { DeskProblem } from '../errors.js';
import type { Comparison, StatementColumns } from './statement.js';

/** A statement as the ledger keeps it between the choice of its file and that of its columns. */
export interface Statement {
  readonly name: string;
  readonly by?: string | undefined;
  readonly lines: readonly (readonly string[])[];
  /** Once it was compared. The days are as the person chose them. */
  readonly compared?: Comparison & { readonly columns: StatementColumns; readonly from: string; readonly to: string };
}

/** A statement with its name in an address. */
export interface KeptStatement extends Statement {
  readonly id: string;
  readonly at: Date;
}

const KIND = 'statement';
const MAX_CHARACTERS = 3_900_000;

export async function keepStatement(
  wanpay: WanPayService,
  statement: Statement,
  { id, at }: Pick<KeptStatement, 'id' | 'at'>,
): Promise<void> {
  const document = JSON.stringify(statement);
  if (document.length > MAX_CHARACTERS) {
    throw new DeskProblem(413, {
      chinese: '對帳檔內容太多，請分批比對。',
      english: 'The statement holds too much: compare it in parts.',
    });
  }
  await wanpay.keepRecord({ kind: KIND, id, at, document });
}

/** A name for a new statement. */
export async function newStatementKey(wanpay: WanPayService): Promise<Pick<KeptStatement, 'id' | 'at'>> {
  return { id: randomUUID(), at: (await wanpay.status()).at };
}

export async function findStatement(wanpay: WanPayService, name: string): Promise<KeptStatement | undefined> {
  const [id = '', time = ''] = name.split('.', 2);
  const at = new Date(Number(time));
  if (time === '' || Number.isNaN(at.getTime())) return undefined;
  const record = (await wanpay.listRecords({ kind: KIND, at, limit: 10 })).find((each) => each.id === id);
  return record && toStatement(record);
}

/** The newest ones. */
export async function listStatements(wanpay: WanPayService): Promise<readonly KeptStatement[]> {
  return (await wanpay.listRecords({ kind: KIND, limit: 5 })).map(toStatement);
}

function toStatement({ id, at, document }: KeptRecord): KeptStatement {
  const statement: unknown = JSON.parse(document);
  if (!isStatement(statement)) throw new TypeError('A record of a statement holds something else.');
  return { ...statement, id, at };
}

function isStatement(value: unknown): value is Statement {
  return typeof value === 'object' && value !== null && 'lines' in value && Array.isArray(value.lines);
}

import { lastDays, periodOf } from './days.js';
import { DeskProblem } from './errors.js';
import type { Exchange } from './http/exchange.js';
import { readForm } from './http/form.js';
import { csvFile, readCsv } from './ledger/csv.js';
import type { DeskLedger } from './ledger/desk-ledger.js';
import { readNeeds } from './ledger/needs.js';
import { type KeptRun, runName } from './ledger/reconciliation-run.js';
import type { ReconciliationRuns } from './ledger/reconciliation-runs.js';
import { compareStatement } from './ledger/statement.js';
import {
  findStatement,
  keepStatement,
  type KeptStatement,
  listStatements,
  newStatementKey,
} from './ledger/statements.js';
import { inLanguage } from './pages/language.js';
import { reconciliationPage, runPage, stateOf } from './pages/reconciliation.page.js';
import { COMPARED, statementPage } from './pages/statement.page.js';
import { cleanText } from './text.js';

const MAX_NAME = 200;

type Cells = readonly (string | number | undefined)[];

/** Runs reconciliations and compares statements. Both are kept in the ledger. */
export class ReconciliationDesk {
  constructor(
    private readonly ledger: DeskLedger,
    private readonly runs: ReconciliationRuns,
  ) {}

  async list(exchange: Exchange): Promise<void> {
    const { wanpay } = this.ledger;
    const [runs, statements, needs] = await Promise.all([this.runs.list(), listStatements(wanpay), readNeeds(wanpay)]);
    const days = lastDays(needs.status.at, 1);
    exchange.page(reconciliationPage(exchange, { ...days, runs, statements, needs: needs.count }));
  }

  async start(exchange: Exchange): Promise<void> {
    const { fields } = await readForm(exchange.request);
    const period = periodOf(fields.get('from'), fields.get('to'));
    if (!period) throw badDays();
    const run = await this.runs.start(period, await exchange.actor());
    if (!run) throw goesOn();
    exchange.redirect(
      `reconciliation/run?${new URLSearchParams({ id: run.name, ...(run.hadBegun ? { begun: '1' } : {}) })}`,
    );
  }

  async resume(exchange: Exchange): Promise<void> {
    const { fields } = await readForm(exchange.request);
    const run = await this.runOf(fields.get('id'));
    if (!(await this.runs.resume(run, await exchange.actor()))) throw goesOn();
    exchange.redirect(`reconciliation/run?${new URLSearchParams({ id: runName(run) })}`);
  }

  async showRun(exchange: Exchange): Promise<void> {
    const [run, { count }] = await Promise.all([this.runOf(exchange.asked('id')), readNeeds(this.ledger.wanpay)]);
    exchange.page(runPage(exchange, { run, needs: count, hadBegun: exchange.asked('begun') !== undefined }));
  }

  async downloadRun(exchange: Exchange): Promise<void> {
    const run = await this.runOf(exchange.asked('id'));
    const { language } = exchange;
    const words = (chinese: string, english: string): string => inLanguage(language, { chinese, english });
    const heads = [words('商戶編號', 'Merchant'), words('訂單編號', 'Order number'), words('金額', 'Amount')];
    const rows = [...run.changed, ...run.unanswered].map(({ merchantNo, orderNo, amount, from, to }): Cells => [
      ...[merchantNo, orderNo, amount, inLanguage(language, stateOf(from))],
      to === undefined ? words('沒有回覆', 'no answer') : inLanguage(language, stateOf(to)),
    ]);
    const file = csvFile([...heads, words('之前', 'Before'), words('之後', 'After')], each(rows));
    await exchange.download('reconciliation.csv', 'text/csv; charset=utf-8', file);
  }

  async upload(exchange: Exchange): Promise<void> {
    const { file } = await readForm(exchange.request);
    const lines = file ? readCsv(file.content) : [];
    if (!file || lines.length === 0) {
      throw new DeskProblem(400, {
        chinese: '請選擇一個有內容的 CSV 檔。',
        english: 'Choose a CSV file that holds something.',
      });
    }
    const { wanpay } = this.ledger;
    const key = await newStatementKey(wanpay);
    const name = cleanText(file.name, MAX_NAME) || 'CSV';
    await keepStatement(wanpay, { name, by: await exchange.actor(), lines }, key);
    exchange.redirect(`statement?${new URLSearchParams({ id: runName(key) })}`);
  }

  async showStatement(exchange: Exchange): Promise<void> {
    const { wanpay } = this.ledger;
    const [statement, needs] = await Promise.all([this.statementOf(exchange.asked('id')), readNeeds(wanpay)]);
    const days = lastDays(needs.status.at, 31);
    exchange.page(statementPage(exchange, { statement, ...days, needs: needs.count }));
  }

  async compare(exchange: Exchange): Promise<void> {
    const { wanpay } = this.ledger;
    const { fields } = await readForm(exchange.request);
    const { id, at, ...statement } = await this.statementOf(fields.get('id'));
    const [from = '', to = ''] = [fields.get('from'), fields.get('to')];
    const period = periodOf(from, to);
    if (!period) throw badDays();
    const by = fields.get('by') === 'accountNo' ? 'accountNo' : 'orderNo';
    const [key, amount] = [columnOf(fields.get('key')), columnOf(fields.get('amount'))];
    if (key === undefined || amount === undefined) throw badColumns();
    const columns = { key, by, amount } as const;
    const comparison = await compareStatement(wanpay, statement.lines, columns, period);
    await keepStatement(wanpay, { ...statement, compared: { ...comparison, columns, from, to } }, { id, at });
    exchange.redirect(`statement?${new URLSearchParams({ id: runName({ id, at }) })}`);
  }

  async downloadStatement(exchange: Exchange): Promise<void> {
    const { compared } = await this.statementOf(exchange.asked('id'));
    const { language } = exchange;
    const words = (chinese: string, english: string): string => inLanguage(language, { chinese, english });
    const rows = COMPARED.flatMap(([kind, wording]) =>
      (compared?.[kind] ?? []).map(({ key, amount, orderNo, expected, state }): Cells => [
        ...[inLanguage(language, wording), key, amount, orderNo, expected],
        state === undefined ? undefined : inLanguage(language, stateOf(state)),
      ]),
    );
    const heads = [
      ...[words('結果', 'Result'), words('對帳檔', 'Statement'), words('對帳檔金額', 'Its amount')],
      ...[words('訂單編號', 'Order number'), words('訂單金額', 'Amount here'), words('狀態', 'State')],
    ];
    await exchange.download('statement.csv', 'text/csv; charset=utf-8', csvFile(heads, each(rows)));
  }

  private async runOf(name = ''): Promise<KeptRun> {
    const run = await this.runs.find(name);
    if (run) return run;
    throw new DeskProblem(404, { chinese: '沒有這份對帳紀錄。', english: 'There is no such report.' });
  }

  private async statementOf(id = ''): Promise<KeptStatement> {
    const statement = await findStatement(this.ledger.wanpay, id);
    if (statement) return statement;
    throw new DeskProblem(404, { chinese: '沒有這份對帳檔。', english: 'There is no such statement.' });
  }
}

async function* each<Row>(rows: readonly Row[]): AsyncGenerator<Row> {
  for (const row of rows) yield await Promise.resolve(row);
}

/** The place of a column, from 0; undefined for what is none. */
function columnOf(field = ''): number | undefined {
  return /^\d{1,4}$/.test(field) ? Number(field) : undefined;
}

function badColumns(): DeskProblem {
  return new DeskProblem(400, { chinese: '請選擇欄位。', english: 'Choose the columns.' });
}

function goesOn(): DeskProblem {
  return new DeskProblem(409, {
    chinese: '這段期間的對帳正在進行，或已經完成，沒有另外開始。請看對帳紀錄。',
    english: 'A reconciliation of these days goes on, or is done, so none was started. See the reports.',
  });
}

function badDays(): DeskProblem {
  return new DeskProblem(400, {
    chinese: '日期不正確：請填起始日與結束日，且起始日不可晚於結束日。',
    english: 'These are no days, or the last comes before the first.',
  });
}

import type { JSX } from 'preact';
import type { Exchange } from '../http/exchange.js';
import { runName } from '../ledger/reconciliation-run.js';
import type { ComparedLine, Comparison } from '../ledger/statement.js';
import type { KeptStatement } from '../ledger/statements.js';
import { OrderLink } from './actions.js';
import { formatMoney, Scroll } from './format.js';
import { useAddress, useText, useWording, type Wording } from './language.js';
import { renderPage } from './layout.js';
import { stateOf } from './reconciliation.page.js';

/** How the lines of a statement stand to the ledger. */
export const COMPARED: readonly (readonly [keyof Comparison, Wording])[] = [
  ['different', { chinese: '不一致', english: 'Different' }],
  ['onlyThere', { chinese: '只在對帳檔', english: 'Only on the statement' }],
  ['onlyHere', { chinese: '只在本店', english: 'Only here' }],
  ['matched', { chinese: '一致', english: 'Matched' }],
];

const SHOWN_LINES = 8;
const LISTED = 500;

interface ShownStatement {
  readonly statement: KeptStatement;
  readonly from: string;
  readonly to: string;
  readonly needs: number;
}

/** A statement: first the choice of its columns, then how it compares. */
export function statementPage(exchange: Exchange, { statement, from, to, needs }: ShownStatement): string {
  const { compared } = statement;
  return renderPage({
    exchange,
    title: { chinese: `對帳檔 ${statement.name}`, english: `Statement ${statement.name}` },
    place: 'reconciliation',
    needs,
    children: (
      <>
        {compared && <Result statement={statement} compared={compared} />}
        <Columns statement={statement} from={compared?.from ?? from} to={compared?.to ?? to} />
        <Sample lines={statement.lines} />
      </>
    ),
  });
}

function Columns({ statement, from, to }: Omit<ShownStatement, 'needs'>): JSX.Element {
  const say = useWording();
  const address = useAddress();
  const { lines, compared } = statement;
  const widest = lines.slice(0, 50).reduce((most, line) => Math.max(most, line.length), 0);
  const heads = Array.from({ length: widest }, (_, i) => `${i + 1}. ${lines[0]?.[i] ?? ''}`);
  const guess = (pattern: RegExp, or: number): number => {
    const found = heads.findIndex((head) => pattern.test(head));
    return found < 0 ? or : found;
  };
  const byAccount = guess(/帳號|account/i, -1);
  const key = compared?.columns.key ?? guess(/訂單|order|out_trade_no/i, Math.max(0, byAccount));
  const amount = compared?.columns.amount ?? guess(/金額|amount|total_fee/i, Math.min(1, widest - 1));
  const isByAccount = compared ? compared.columns.by === 'accountNo' : key === byAccount;
  return (
    <section>
      <h2>{say('選擇欄位', 'Choose the columns')}</h2>
      <form class="row" method="post" action={address('statement/compare')}>
        <input type="hidden" name="id" value={runName(statement)} />
        <Choice
          name="key"
          label={say('訂單編號或虛擬帳號的欄位', 'Column of the order number or account')}
          heads={heads}
          chosen={key}
        />
        <label>
          {say('這個欄位是', 'That column holds')}
          <select name="by">
            <option value="orderNo" selected={!isByAccount}>
              {say('訂單編號', 'order numbers')}
            </option>
            <option value="accountNo" selected={isByAccount}>
              {say('虛擬帳號', 'virtual accounts')}
            </option>
          </select>
        </label>
        <Choice
          name="amount"
          label={say('金額（元）的欄位', 'Column of the amount, in dollars')}
          heads={heads}
          chosen={amount}
        />
        <label>
          {say('付款起始日', 'Paid from')}
          <input type="date" name="from" value={from} required />
        </label>
        <label>
          {say('付款結束日', 'Paid until')}
          <input type="date" name="to" value={to} required />
        </label>
        <button class="main">{say('比對', 'Compare')}</button>
      </form>
    </section>
  );
}

function Choice(props: {
  readonly name: string;
  readonly label: string;
  readonly heads: readonly string[];
  readonly chosen: number;
}): JSX.Element {
  return (
    <label>
      {props.label}
      <select name={props.name}>
        {props.heads.map((head, i) => (
          <option key={i} value={i} selected={i === props.chosen}>
            {head}
          </option>
        ))}
      </select>
    </label>
  );
}

function Sample({ lines }: Pick<KeptStatement, 'lines'>): JSX.Element {
  const say = useWording();
  const label = say(`檔案的前幾行，共 ${lines.length} 行`, `The first lines of ${lines.length}`);
  return (
    <section>
      <h2>{label}</h2>
      <Scroll label={label}>
        <table>
          <tbody>
            {lines.slice(0, SHOWN_LINES).map((line, i) => (
              <tr key={i}>
                {line.map((cell, k) => (
                  <td key={k}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Result({
  statement,
  compared,
}: {
  readonly statement: KeptStatement;
  readonly compared: Comparison;
}): JSX.Element {
  const say = useWording();
  const text = useText();
  const address = useAddress();
  return (
    <>
      <dl class="counts">
        {COMPARED.map(([kind, wording]) => (
          <div key={kind} id={`count-${kind}`}>
            <dt>{text(wording)}</dt>
            <dd>{compared[kind].length}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href={address('statement.csv', { id: runName(statement) })} download>
          {say('下載結果（CSV，Excel 可開啟）', 'Download the result (CSV for Excel)')}
        </a>
      </p>
      {COMPARED.map(([kind, wording]) => (
        <Lines key={kind} title={text(wording)} lines={compared[kind]} isFolded={kind === 'matched'} />
      ))}
    </>
  );
}

function Lines(props: {
  readonly title: string;
  readonly lines: readonly ComparedLine[];
  readonly isFolded: boolean;
}): JSX.Element | null {
  const { title, lines, isFolded } = props;
  const say = useWording();
  if (lines.length === 0) return null;
  return (
    <details open={!isFolded}>
      <summary>
        {title} ({lines.length})
      </summary>
      {lines.length > LISTED && (
        <p class="hint">
          {say(`僅列出前 ${LISTED} 筆，其餘請下載。`, `The first ${LISTED}. Download the result for the others.`)}
        </p>
      )}
      <Scroll label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('對帳檔', 'Statement')}</th>
              <th scope="col" class="number">
                {say('對帳檔金額', 'Its amount')}
              </th>
              <th scope="col">{say('訂單', 'Order')}</th>
              <th scope="col" class="number">
                {say('訂單金額', 'Amount here')}
              </th>
              <th scope="col">{say('狀態', 'State')}</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, LISTED).map((line, i) => (
              <LineRow key={i} line={line} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}

function LineRow({ line }: { readonly line: ComparedLine }): JSX.Element {
  const text = useText();
  const { key, amount, merchantNo, orderNo, expected, state } = line;
  return (
    <tr>
      <th scope="row">{key}</th>
      <td class="number">{amount !== undefined && formatMoney(amount)}</td>
      <td>{merchantNo !== undefined && orderNo !== undefined && <OrderLink order={{ merchantNo, orderNo }} />}</td>
      <td class="number">{expected !== undefined && formatMoney(expected)}</td>
      <td>{state !== undefined && text(stateOf(state))}</td>
    </tr>
  );
}

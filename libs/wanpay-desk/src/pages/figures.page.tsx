import type { JSX } from 'preact';
import type { Exchange } from '../http/exchange.js';
import type { DayFigures, Figures } from '../ledger/figures.js';
import { BarChart } from './chart.js';
import { formatMoney, Scroll } from './format.js';
import { useAddress, useWording } from './language.js';
import { renderPage } from './layout.js';

interface ShownFigures {
  readonly from: string;
  readonly to: string;
  /** Absent when the days can't be read. */
  readonly figures: Figures | undefined;
  readonly needs: number;
}

/** What some days came to, drawn and as a table. */
export function figuresPage(exchange: Exchange, { from, to, figures, needs }: ShownFigures): string {
  return renderPage({
    exchange,
    title: { chinese: '統計', english: 'Figures' },
    place: 'figures',
    needs,
    children: (
      <>
        <Days from={from} to={to} />
        {figures ? <Shown {...figures} /> : <Unreadable />}
      </>
    ),
  });
}

function Days({ from, to }: Pick<ShownFigures, 'from' | 'to'>): JSX.Element {
  const say = useWording();
  const address = useAddress();
  return (
    <form class="row" method="get" action={address('figures')}>
      <label>
        {say('起始日', 'From')}
        <input type="date" name="from" value={from} required />
      </label>
      <label>
        {say('結束日', 'Until')}
        <input type="date" name="to" value={to} required />
      </label>
      <button class="main">{say('顯示', 'Show')}</button>
    </form>
  );
}

function Unreadable(): JSX.Element {
  const say = useWording();
  return (
    <p class="problem" role="alert">
      {say(
        '日期不正確：最多 92 天，且起始日不可晚於結束日。',
        'Choose at most 92 days, the first of which is not after the last.',
      )}
    </p>
  );
}

function Shown({ days, minutesToPay, settledBy, isCut }: Figures): JSX.Element {
  const say = useWording();
  const sum = (value: (day: DayFigures) => number): number => days.reduce((total, day) => total + value(day), 0);
  const [due, inTime] = [sum((day) => day.due), sum((day) => day.inTime)];
  const { notification, query, person } = settledBy;
  const names = days.map(({ day }) => day);
  return (
    <>
      {isCut && (
        <p class="notice">
          {say(
            '這段期間的付款太多，僅計入較新的部分。請縮短期間。',
            'There are too many payments: only the newer ones count. Choose fewer days.',
          )}
        </p>
      )}
      <dl class="counts">
        <Count name={say('付款筆數', 'Paid')} value={String(sum(({ paid }) => paid))} />
        <Count name={say('付款金額', 'Amount')} value={formatMoney(sum(({ amount }) => amount))} />
        <Count
          name={say('期限內付款比例', 'Paid before the deadline')}
          value={due === 0 ? '–' : percent(inTime / due)}
        />
        <Count
          name={say('付款所需時間（中位數）', 'Time to pay, half of them')}
          value={minutesToPay ? duration(minutesToPay[1], say) : '–'}
        />
        <Count name={say('由通知得知', 'Known by notification')} value={String(notification)} />
        <Count name={say('由查詢得知', 'Known by query')} value={String(query)} />
        {person > 0 && <Count name={say('由人工認領', 'Accepted by a person')} value={String(person)} />}
      </dl>
      {minutesToPay && (
        <p class="hint">
          {say(
            `四分之一的付款在 ${duration(minutesToPay[0], say)}內完成，四分之三在 ${duration(minutesToPay[2], say)}內完成。`,
            `A quarter was paid within ${duration(minutesToPay[0], say)}, three quarters within ${duration(minutesToPay[2], say)}.`,
          )}
        </p>
      )}
      <div class="figure">
        <section>
          <h2>{say('每日付款筆數', 'Paid per day')}</h2>
          <BarChart
            label={say('每日付款筆數', 'Paid per day')}
            days={names}
            values={days.map(({ paid }) => paid)}
            format={String}
          />
        </section>
        <section>
          <h2>{say('每日付款金額', 'Amount per day')}</h2>
          <BarChart
            label={say('每日付款金額', 'Amount per day')}
            days={names}
            values={days.map(({ amount }) => amount)}
            format={formatMoney}
          />
        </section>
        <section>
          <h2>{say('期限內付款的比例（依期限日）', 'Share paid before the deadline, by its day')}</h2>
          <BarChart
            label={say('期限內付款的比例', 'Share paid before the deadline')}
            days={names}
            values={days.map((day) => (day.due === 0 ? undefined : day.inTime / day.due))}
            format={percent}
            top={1}
          />
        </section>
        <section>
          <h2>{say('明細', 'Table')}</h2>
          <Scroll label={say('每日明細', 'Figures by day')}>
            <DayTable days={days} />
          </Scroll>
        </section>
      </div>
    </>
  );
}

function Count({ name, value }: { readonly name: string; readonly value: string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function DayTable({ days }: Pick<Figures, 'days'>): JSX.Element {
  const say = useWording();
  const heads = [
    say('下單', 'Placed'),
    say('付款', 'Paid'),
    say('付款金額', 'Amount'),
    say('到期', 'Due'),
    say('期限內付款', 'Paid in time'),
    say('比例', 'Share'),
  ];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{say('日期（台北）', 'Day, in Taipei')}</th>
          {heads.map((head) => (
            <th key={head} scope="col" class="number">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, placed, paid, amount, due, inTime }) => (
          <tr key={day}>
            <th scope="row">{day}</th>
            {[placed, paid, formatMoney(amount), due, inTime, due === 0 ? '–' : percent(inTime / due)].map(
              (value, i) => (
                <td key={i} class="number">
                  {value}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function duration(minutes: number, say: (chinese: string, english: string) => string): string {
  if (minutes < 120) return say(`${minutes} 分鐘`, `${minutes} minutes`);
  const hours = Math.round(minutes / 60);
  if (hours < 48) return say(`${hours} 小時`, `${hours} hours`);
  const days = Math.round(hours / 24);
  return say(`${days} 天`, `${days} days`);
}

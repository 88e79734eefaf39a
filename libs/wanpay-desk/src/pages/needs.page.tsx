import type { Delivery, Payment } from 'nestjs-wanpay';
import type { HandlerStatus, ListedUnknownOrder } from 'nestjs-wanpay/ledger';
import type { ComponentChildren, JSX } from 'preact';
import type { Exchange } from '../http/exchange.js';
import { type Needs, reasonOf, type RetiredHandler } from '../ledger/needs.js';
import { AcceptForm, OrderForm, OrderLink, ReviewForm } from './actions.js';
import { formatMoney, Live, Moment, Scroll, StateBadge, TransferFacts } from './format.js';
import { useAddress, useText, useWording } from './language.js';
import { renderPage } from './layout.js';
import { EVENTS, NEEDS, OTHER_REFUSAL, REFUSALS } from './wording.js';

/** Everything that needs a person: what happened, what to do, and how. */
export function needsPage(exchange: Exchange, needs: Needs, retired: readonly RetiredHandler[]): string {
  return renderPage({
    exchange,
    title: { chinese: '待處理', english: 'Needs a person' },
    place: 'needs',
    needs: needs.count,
    children: (
      <Live id="needs">
        <Lists {...needs} />
        <Refusals status={needs.status} />
        <Retired handlers={retired} />
      </Live>
    ),
  });
}

function Lists(needs: Needs): JSX.Element {
  const say = useWording();
  if (needs.count === 0) return <p class="done">{say('目前沒有需要人工處理的事項。', 'Nothing needs a person.')}</p>;
  return (
    <>
      <Section title={say('款項', 'Money')} count={needs.payments.length + needs.unknownOrders.length}>
        {needs.payments.map((payment) => (
          <PaymentNeed key={`${payment.merchantNo} ${payment.orderNo}`} payment={payment} />
        ))}
        {needs.unknownOrders.map((order) => (
          <UnknownOrderNeed key={`${order.merchantNo} ${order.orderNo}`} order={order} />
        ))}
      </Section>
      <Section title={say('程式未能處理的事件', 'Events that a handler did not take')} count={needs.deadCount}>
        {needs.deadLetters.map((letter) => (
          <DeadLetter key={letter.id} letter={letter} />
        ))}
      </Section>
      <Section title={say('沒有程式接收的事件', 'Events that no process takes')} count={needs.orphans.length}>
        {needs.orphans.map((handler) => (
          <Orphan key={handler.id} handler={handler} />
        ))}
      </Section>
      {needs.isMore && (
        <p class="hint">
          {say(
            '僅列出最新的部分；處理後會出現其餘的。',
            'Only the newest are listed. The others follow once these are done.',
          )}
        </p>
      )}
    </>
  );
}

function Section(props: {
  readonly title: string;
  readonly count: number;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (props.count === 0) return null;
  return (
    <section>
      <h2>
        {props.title} ({props.count})
      </h2>
      <ul class="cards">{props.children}</ul>
    </section>
  );
}

function PaymentNeed({ payment }: { readonly payment: Payment }): JSX.Element {
  const text = useText();
  const say = useWording();
  const reason = reasonOf(payment);
  const { title, happened, todo } = NEEDS[reason];
  const { otherTransfers = [], review, amount } = payment;
  return (
    <li class="card">
      <h3>
        {text(title)}
        {say('：', ': ')}
        <OrderLink order={payment} />
      </h3>
      <p>
        <StateBadge state={payment.state} /> {say('訂單金額 ', 'asked for ')}
        <strong>{formatMoney(amount)}</strong>
      </p>
      <p>{text(happened)}</p>
      <ul>
        {otherTransfers.slice(review?.transfers ?? 0).map((transfer, i) => (
          <li key={i}>
            <TransferFacts transfer={transfer} asked={amount} />
          </li>
        ))}
      </ul>
      <p class="notice">{text(todo)}</p>
      {reason === 'unclaimed' && <AcceptForm order={payment} back="needs" />}
      <ReviewForm order={payment} seen={otherTransfers.length} back="needs" />
    </li>
  );
}

function UnknownOrderNeed({ order }: { readonly order: ListedUnknownOrder }): JSX.Element {
  const say = useWording();
  return (
    <li class="card">
      <h3>
        {say('查無訂單的款項：', 'Money for an unknown order: ')}
        <OrderLink order={order} />
      </h3>
      <p>
        {say(
          '平台通知有款項付給這個訂單編號，但本店沒有這筆訂單。',
          'The platform reports money for this order number, and we have no such order.',
        )}
      </p>
      <ul>
        {order.transfers.slice(order.review?.transfers ?? 0).map((transfer, i) => (
          <li key={i}>
            <TransferFacts transfer={transfer} />
          </li>
        ))}
      </ul>
      <p class="notice">
        {say(
          '可能來自其他系統、測試環境，或已刪除的訂單。請查明款項歸屬，再標示為處理完畢。',
          'It may be of another system, of a test, or of an order that was removed. Find out whose it is. Then mark it as dealt with.',
        )}
      </p>
      <ReviewForm order={order} seen={order.transfers.length} back="needs" />
    </li>
  );
}

function DeadLetter({ letter }: { readonly letter: Delivery }): JSX.Element {
  const say = useWording();
  const text = useText();
  const { event, handler, attempts, failure, id } = letter;
  return (
    <li class="card">
      <h3>
        {text(EVENTS[event.type])}
        {say('：', ': ')}
        <OrderLink order={event} />
      </h3>
      <p>
        {say(
          `應用程式的「${handler}」處理了 ${attempts} 次都失敗，已不再嘗試。`,
          `The host’s handler “${handler}” failed ${attempts === 1 ? 'once' : `${attempts} times`}, and is not tried any more.`,
        )}{' '}
        <Moment at={event.occurredAt} />
      </p>
      {failure !== undefined && <p class="failure">{failure}</p>}
      <p class="notice">
        {say(
          '請工程人員排除原因後重送。在程式完成之前，這件事不算送達。',
          'Have the cause mended, then replay it. It does not count as delivered before the handler is done.',
        )}
      </p>
      <OrderForm order={event} action="replay" back="needs">
        <input type="hidden" name="delivery" value={id} />
        <button class="main">{say('重送', 'Replay')}</button>
      </OrderForm>
    </li>
  );
}

function Orphan({ handler }: { readonly handler: HandlerStatus }): JSX.Element {
  const say = useWording();
  const address = useAddress();
  const { id, pending, lastSeenAt } = handler;
  return (
    <li class="card">
      <h3>{id}</h3>
      <p>
        {say(
          `有 ${pending} 件事等待這個程式，但目前沒有任何行程執行它。最後一次看到它：`,
          `${pending} events wait for this handler, and no process has it. It was last seen at `,
        )}
        <Moment at={lastSeenAt} />
      </p>
      <p class="notice">
        {say(
          '請啟動含有這個程式的應用程式。如果這個程式不會再使用，可以將它移除：等待中的事件會一併捨棄，無法復原。',
          'Start the process that has it. If it is gone for good, retire it: what waits for it is dropped, and that can’t be undone.',
        )}
      </p>
      <form class="row" method="post" action={address('handler/retire')}>
        <input type="hidden" name="handler" value={id} />
        <label class="wide">
          {say(`輸入程式名稱以確認：${id}`, `Type the handler’s name to confirm: ${id}`)}
          <input name="confirm" required autocomplete="off" />
        </label>
        <button>{say('移除', 'Retire')}</button>
      </form>
    </li>
  );
}

function Refusals({ status }: Pick<Needs, 'status'>): JSX.Element | null {
  const say = useWording();
  const text = useText();
  const { refusedNotifications, startedAt } = status.activity;
  const refused = Object.entries(refusedNotifications);
  if (refused.length === 0) return null;
  return (
    <section>
      <h2>{say('被拒絕的通知', 'Refused notifications')}</h2>
      <p class="hint">
        {say('本行程啟動後的次數，啟動於 ', 'What this process has seen since it started, at ')}
        <Moment at={startedAt} />
      </p>
      <Scroll label={say('被拒絕的通知', 'Refused notifications')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('原因', 'Reason')}</th>
              <th scope="col" class="number">
                {say('次數', 'Count')}
              </th>
              <th scope="col">{say('處理方式', 'What to do')}</th>
            </tr>
          </thead>
          <tbody>
            {refused.map(([result, count]) => {
              const [reason, todo] = REFUSALS[result] ?? OTHER_REFUSAL;
              return (
                <tr key={result}>
                  <th scope="row">
                    {text(reason)} <code>{result}</code>
                  </th>
                  <td class="number">{count}</td>
                  <td>{text(todo)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}

function Retired({ handlers }: { readonly handlers: readonly RetiredHandler[] }): JSX.Element | null {
  const say = useWording();
  if (handlers.length === 0) return null;
  return (
    <section>
      <h2>{say('已移除的程式', 'Retired handlers')}</h2>
      <ul>
        {handlers.map(({ handler, by, at }) => (
          <li key={at.getTime()}>
            <code>{handler}</code> <Moment at={at} /> {by}
          </li>
        ))}
      </ul>
    </section>
  );
}

import type { Delivery } from 'nestjs-wanpay';
import type { DeliveryPage } from 'nestjs-wanpay/ledger';
import type { ComponentChildren, JSX } from 'preact';
import { inLanguage, type Language, useLanguage, useWording } from '../payment-page/language.js';
import type { Undelivered } from './deliveries.js';
import { deskPage, Moment } from './desk.layout.js';
import { DELIVERIES, EVENTS } from './wording.js';

interface DeadLettersPage extends Undelivered {
  /** Where this page of the dead letters begins. */
  readonly after: string | undefined;
}

/** The deliveries that were given up, each with its failure and a way to try again, and those that are under way. */
export function deadLettersPage(page: DeadLettersPage, language: Language): string {
  const { letters, underWay, pending, dead, after } = page;
  const isAllDelivered = pending === 0 && dead === 0 && underWay.length === 0 && letters.deliveries.length === 0;
  return deskPage({
    title: { chinese: '未送達事件', english: 'Dead letters' },
    language,
    address: addressOf(after),
    isRestless: pending > 0 || underWay.length > 0,
    children: isAllDelivered ? <None /> : <Unfinished {...page} />,
  });
}

function addressOf(after: string | undefined): string {
  return after === undefined ? '/desk/dead-letters' : `/desk/dead-letters?${new URLSearchParams({ after })}`;
}

function None(): JSX.Element {
  const say = useWording();
  return <p>{say('所有事件都已送達。', 'Every event was delivered.')}</p>;
}

function Unfinished({ letters, underWay, pending, dead }: DeadLettersPage): JSX.Element {
  const say = useWording();
  return (
    <>
      <p>{say(`已放棄 ${dead} 筆，待處理 ${pending} 筆。`, `${dead} given up, ${pending} waiting or running.`)}</p>
      <Letters {...letters} />
      {underWay.length > 0 && (
        <section>
          <h2>{say('待處理', 'Waiting or running')}</h2>
          <ul class="letters">
            {underWay.map((delivery) => (
              <DeliveryCard key={delivery.id} {...delivery} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Letters({ deliveries, next }: DeliveryPage): JSX.Element | undefined {
  const say = useWording();
  if (deliveries.length === 0) return undefined;
  return (
    <section>
      <h2>{say('已放棄', 'Given up')}</h2>
      <ul class="letters">
        {deliveries.map((delivery) => (
          <DeliveryCard key={delivery.id} {...delivery}>
            <ReplayButton id={delivery.id} />
          </DeliveryCard>
        ))}
      </ul>
      {next !== undefined && (
        <p>
          <a href={addressOf(next)}>{say('更早的事件', 'Older ones')}</a>
        </p>
      )}
    </section>
  );
}

function DeliveryCard({ children, ...delivery }: Delivery & { readonly children?: ComponentChildren }): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  const { event, handler, state, attempts, failure } = delivery;
  return (
    <li class="card">
      <h3>
        {inLanguage(language, EVENTS[event.type])} <code>{event.type}</code>{' '}
        <span class={`badge ${state}`}>{inLanguage(language, DELIVERIES[state])}</span>
      </h3>
      <p>
        {say('訂單 ', 'Order ')}
        <a href={`/desk/orders/${encodeURIComponent(event.orderNo)}`}>{event.orderNo}</a>
        {say('，處理程式 ', ', handler ')}
        <code>{handler}</code>
        {say(`，嘗試 ${attempts} 次`, attempts === 1 ? ', 1 attempt' : `, ${attempts} attempts`)}
        <NextStep {...delivery} />
      </p>
      {failure !== undefined && <p class="failure">{failure}</p>}
      {children}
    </li>
  );
}

/** When it was given up, or when it is tried next. */
function NextStep({ finishedAt, dueAt }: Delivery): JSX.Element | undefined {
  const say = useWording();
  const at = finishedAt ?? dueAt;
  if (!at) return undefined;
  return (
    <>
      {finishedAt ? say('，放棄於 ', ', given up at ') : say('，下次嘗試 ', ', next attempt at ')}
      <Moment at={at} />
    </>
  );
}

/** A button that gives a delivery to its handler once more. */
function ReplayButton({ id }: { readonly id: string }): JSX.Element {
  const say = useWording();
  return (
    <form method="post" action={`/desk/dead-letters/${encodeURIComponent(id)}/replay`}>
      <button>{say('重新處理', 'Replay')}</button>
    </form>
  );
}

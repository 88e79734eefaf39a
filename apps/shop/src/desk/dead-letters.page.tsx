import type { DeadLetter } from 'nestjs-wanpay';
import type { JSX } from 'preact';
import { inLanguage, type Language, useLanguage, useWording } from '../payment-page/language.js';
import { deskPage, Moment, ReplayButton } from './desk.layout.js';
import { EVENTS } from './wording.js';

/** The events that no handler could be made to take, each with its failure and a way to try again. */
export function deadLettersPage(letters: readonly DeadLetter[], language: Language): string {
  return deskPage({
    title: { chinese: '未送達事件', english: 'Dead letters' },
    language,
    address: '/desk/dead-letters',
    children: letters.length === 0 ? <None /> : <Letters letters={letters} />,
  });
}

function None(): JSX.Element {
  const say = useWording();
  return <p>{say('所有事件都已送達。', 'Every event was delivered.')}</p>;
}

function Letters({ letters }: { readonly letters: readonly DeadLetter[] }): JSX.Element {
  return (
    <ul class="letters">
      {letters.map((letter) => (
        <li key={letter.event.id} class="card">
          <Letter {...letter} />
        </li>
      ))}
    </ul>
  );
}

function Letter({ event, attempts, failure, diedAt }: DeadLetter): JSX.Element {
  const say = useWording();
  const language = useLanguage();
  return (
    <>
      <h2>
        {inLanguage(language, EVENTS[event.type])} <code>{event.type}</code>
      </h2>
      <p>
        {say('訂單 ', 'Order ')}
        <a href={`/desk/orders/${encodeURIComponent(event.orderNo)}`}>{event.orderNo}</a>
        {say(`，嘗試 ${attempts} 次，最後於 `, `, given up after ${attempts} attempts at `)}
        <Moment at={diedAt} />
      </p>
      <p class="failure">{`${failure.handlers.join(', ')}: ${failure.message}`}</p>
      <ReplayButton eventId={event.id} />
    </>
  );
}

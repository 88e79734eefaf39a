import type { JSX } from 'preact';
import { formatTime } from './format.js';
import { useWording } from './language.js';

/**
 * A deadline in Taipei time, and how long there is left. The countdown is filled in by `payment-page.client.js`, which
 * counts from the server's `now`, so that a payer's wrong clock shows no wrong time; without it, it isn't shown.
 */
export function Deadline({ at, now }: { readonly at: Date; readonly now: Date }): JSX.Element {
  const say = useWording();
  return (
    <>
      <time dateTime={at.toISOString()}>{formatTime(at)}</time> {say('（台北時間）', '(Taipei time)')}
      <span
        class="countdown needs-script"
        role="timer"
        data-countdown-to={at.toISOString()}
        data-now={now.toISOString()}
      >
        {say('還有 ', '')}
        <Part unit="days" /> {say('天', 'd')} <Part unit="hours" /> {say('時', 'h')} <Part unit="minutes" />{' '}
        {say('分', 'min')} <Part unit="seconds" /> {say('秒', 's left')}
      </span>
    </>
  );
}

function Part({ unit }: { readonly unit: string }): JSX.Element {
  return <span data-unit={unit} />;
}

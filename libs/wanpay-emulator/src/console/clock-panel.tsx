import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type JSX } from 'preact';
import { Moment } from './parts.js';
import { useConsole } from './surroundings.js';

/** The emulator's clock, and what moves it. */
export function ClockPanel(): JSX.Element {
  const { say, clock } = useConsole();
  const { stopped, nextTimerAt } = clock;
  return (
    <section aria-label={say('Clock', '時鐘')} class="clock">
      <p>
        <strong id="clock-face" data-now={clock.now().toISOString()} {...(stopped ? {} : { 'data-running': 'true' })}>
          {formatTaipei(clock.now())}
        </strong>{' '}
        <span class="soft place">{say('Taipei', '台北')}</span>{' '}
        <span class={`label ${stopped ? 'paying' : 'paid'}`}>
          {stopped ? say('stopped', '停止') : say('running', '運行')}
        </span>
        {nextTimerAt ? (
          <span class="soft next">
            {say('next event', '下一事件')} <Moment at={nextTimerAt} />
          </span>
        ) : null}
      </p>
      <form method="post" action="/api/clock" class="buttons">
        {stopped ? (
          <ClockButton name="resume" value="true" label={say('Let it run', '開始運行')} />
        ) : (
          <ClockButton name="stop" value="true" label={say('Stop', '停止')} />
        )}
        <ClockButton name="advanceSeconds" value="60" label={say('+1 minute', '+1 分鐘')} />
        <ClockButton name="advanceSeconds" value="86400" label={say('+1 day', '+1 天')} />
        <ClockButton name="advanceSeconds" value="2592000" label={say('+30 days', '+30 天')} />
        <ClockButton name="toNext" value="true" label={say('To the next event', '到下一事件')} />
        <a class="button" href="/session">
          {say('Back to now…', '回到現在…')}
        </a>
      </form>
    </section>
  );
}

function ClockButton({ name, value, label }: { name: string; value: string; label: string }): JSX.Element {
  return (
    <button id={`clock-${name}-${value}`} name={name} value={value}>
      {label}
    </button>
  );
}

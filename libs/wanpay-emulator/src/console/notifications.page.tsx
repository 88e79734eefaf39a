import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type JSX } from 'preact';
import { type NotificationAttempt } from '../notifications/attempt-record.js';
import { formatInput, formatLatency } from './format.js';
import { type Say, sayIn } from './language.js';
import { Page, render } from './layout.js';
import { Paging, type PageOf } from './paging.js';
import { Form, Live, Moment, Scroll, TextField } from './parts.js';
import { orderActionPath, orderPath } from './paths.js';
import { explain } from './problems.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** What the page of the notifications tells. */
export interface NotificationList {
  readonly attempts: PageOf<NotificationAttempt>;
  readonly result: AttemptResult | undefined;
  /** When each notification is tried next, by its number. */
  readonly schedule: ReadonlyMap<number, Date>;
  /** How many notifications were never acknowledged. */
  readonly failed: number;
}

export type AttemptResult = 'acknowledged' | 'failed';

/** Every attempt to notify a merchant, the newest first. */
export function notificationsPage(list: NotificationList, around: Surroundings): string {
  const say = sayIn(around.language);
  const { attempts, result } = list;
  return render(
    <Page title={say('Notifications', '通知')} {...around}>
      <Filter result={result} />
      <Form action="/api/notifications/resend" class="row">
        <TextField
          label={say('Failed since (Taipei); empty: all', '自何時起失敗（台北）；空白：全部')}
          name="since"
          type="datetime-local"
          step="1"
          max={formatInput(formatTaipei(around.clock.now()))}
        />
        <button>{say('Send all again that failed', '重送所有失敗的通知')}</button>
      </Form>
      <Live id="notifications" topics={['order']}>
        <p class="soft">
          {say(
            `${list.failed} ${list.failed === 1 ? 'notification was' : 'notifications were'} never acknowledged.`,
            `有 ${list.failed} 則通知從未獲確認。`,
          )}
        </p>
        {attempts.items.length > 0 ? (
          <AttemptTable list={list} />
        ) : (
          <p>
            {result
              ? say('No attempt has this result.', '沒有這種結果的嘗試。')
              : say('No notifications yet.', '還沒有通知。')}
          </p>
        )}
        <Paging page={attempts} path="/notifications" query={result ? { result } : {}} />
      </Live>
    </Page>,
  );
}

function Filter({ result }: { result: AttemptResult | undefined }): JSX.Element {
  const { say } = useConsole();
  const choices = [
    [undefined, say('all', '全部')],
    ['failed', say('not acknowledged', '未確認')],
    ['acknowledged', say('acknowledged', '已確認')],
  ] as const;
  return (
    <nav aria-label={say('By result', '依結果')} class="row choices">
      {choices.map(([value, label]) => (
        <a
          key={label}
          href={value ? `/notifications?result=${value}` : '/notifications'}
          {...(value === result ? { 'aria-current': 'true' } : {})}
        >
          {label}
        </a>
      ))}
    </nav>
  );
}

function AttemptTable({ list: { attempts, schedule } }: { list: NotificationList }): JSX.Element {
  const { say } = useConsole();
  return (
    <Scroll label={say('Notifications', '通知')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('Order', '訂單')}</th>
            <th scope="col">{say('Result', '結果')}</th>
            <th scope="col" class="wide">
              {say('Attempt', '第幾次')}
            </th>
            <th scope="col" class="wide">
              {say('Reply', '回覆')}
            </th>
            <th scope="col" class="amount wide">
              {say('Latency', '耗時')}
            </th>
            <th scope="col" class="wide">
              {say('Sent', '送出')}
            </th>
            <th scope="col" class="wide">
              {say('Next retry', '下次重送')}
            </th>
            <th scope="col">{say('Send again', '重送')}</th>
          </tr>
        </thead>
        <tbody data-list="attempts">
          {attempts.items.map((attempt) => (
            <tr
              key={`${attempt.notification}-${attempt.attempt}`}
              id={`attempt-${attempt.notification}-${attempt.attempt}`}
            >
              <td>
                <a href={orderPath(attempt)}>{attempt.orderNo}</a>
                <span class="soft block">
                  {attempt.fields.status} <span lang="zh-Hant">{attempt.fields.result}</span>
                </span>
              </td>
              <td>
                <span class={`label ${attempt.acknowledged ? 'paid' : 'failed'}`}>
                  {attempt.acknowledged ? say('acknowledged', '已確認') : say('not acknowledged', '未確認')}
                </span>
                <span class="narrow soft">
                  {answerOf(attempt, say)} <NextRetry attempt={attempt} schedule={schedule} />
                </span>
              </td>
              <td class="number wide">
                {attempt.notification}.{attempt.attempt}
              </td>
              <td class="number wide">{answerOf(attempt, say)}</td>
              <td class="amount wide">{formatLatency(attempt.latencyMs)}</td>
              <td class="wide">
                <Moment at={attempt.at} />
              </td>
              <td class="wide">
                <NextRetry attempt={attempt} schedule={schedule} />
              </td>
              <td>
                <form method="post" action={orderActionPath(attempt, 'resend')}>
                  <button
                    name="notification"
                    value={attempt.notification}
                    aria-label={say(
                      `Send again: notification ${attempt.notification} of ${attempt.orderNo}`,
                      `重送：${attempt.orderNo} 的通知 ${attempt.notification}`,
                    )}
                  >
                    {say('Send', '重送')}
                  </button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function answerOf({ replyStatus, error = '' }: NotificationAttempt, say: Say): string {
  return replyStatus === undefined ? explain(error, say) : `HTTP ${replyStatus}`;
}

/** What was foreseen at the end of an attempt holds until the next one. */
function NextRetry({
  attempt: { notification, nextAttemptAt },
  schedule,
}: {
  attempt: NotificationAttempt;
  schedule: NotificationList['schedule'];
}): JSX.Element | null {
  const due = schedule.get(notification);
  return due && due.getTime() === nextAttemptAt?.getTime() ? <Moment at={due} /> : null;
}

import { type JSX } from 'preact';
import { type JournalEntry } from '../journal/entry.js';
import { nextRetry, type RetrySchedule } from '../notifications/retry-schedule.js';
import { isOpen, type Order, type Transfer } from '../orders/order.js';
import { formatAmount, formatRelative, formatSpan } from './format.js';
import { type Say } from './language.js';
import { Moment } from './parts.js';
import { useConsole } from './surroundings.js';

/** From what an order's course is drawn. */
export interface Track {
  readonly order: Order | undefined;
  readonly entries: readonly JournalEntry[];
  readonly nextAttempts: readonly Date[];
  /** A transfer that is on its way. */
  readonly scheduled: Transfer | undefined;
  readonly retries: RetrySchedule;
}

interface Stop {
  readonly at: Date;
  readonly kind: 'good' | 'bad' | 'plain' | 'due' | 'maybe';
  readonly english: string;
  readonly chinese: string;
}

/** The course of an order as a picture: what was, and, hollow, what comes next and when. */
export function OrderTrack({ track }: { track: Track }): JSX.Element | null {
  const { say, clock, language } = useConsole();
  const stops = stopsOf(track);
  const next = stops.find(({ kind }) => kind === 'due');
  return (
    <section aria-label={say('Course', '歷程')}>
      <p>
        {next
          ? say('Next: ', '接下來：') +
            say(`${next.english}, `, `${next.chinese}，`) +
            formatRelative(next.at, clock.now(), language)
          : say('Nothing more is due.', '沒有待發生的事。')}
      </p>
      <ol class="track">
        {stops.map((stop, index) => (
          <li key={index} class={`stop ${stop.kind}`}>
            <span class="what">{say(stop.english, stop.chinese)}</span>
            <Gap stop={stop} before={stops[index - 1]} say={say} />
            <Moment at={stop.at} isShort />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Gap({ stop, before, say }: { stop: Stop; before: Stop | undefined; say: Say }): JSX.Element | null {
  const { language } = useConsole();
  if (!before || stop.at <= before.at) return null;
  return (
    <span class="soft">
      {stop.kind === 'maybe' ? say('if not acknowledged, ', '若未確認，') : ''}+
      {formatSpan(stop.at.getTime() - before.at.getTime(), language)}
    </span>
  );
}

function stopsOf(track: Track): Stop[] {
  const { order, entries, scheduled } = track;
  if (!order) return [];
  const past = [
    { at: order.openedAt, kind: 'plain', english: 'opened', chinese: '建立' } as const,
    ...entries.flatMap(stopOf),
  ];
  const future = [
    ...(scheduled
      ? [
          {
            at: scheduled.at,
            kind: 'due',
            english: `${formatAmount(scheduled.amount)} arrives`,
            chinese: `${formatAmount(scheduled.amount)} 入帳`,
          } as const,
        ]
      : []),
    ...attemptsToCome(track),
    ...(isOpen(order) ? [{ at: order.expiresAt, kind: 'due', english: 'deadline', chinese: '繳費期限' } as const] : []),
  ];
  return [...past, ...future.toSorted((one, other) => one.at.getTime() - other.at.getTime())];
}

function stopOf(entry: JournalEntry): Stop[] {
  if (entry.kind === 'attempt') {
    const { attempt, acknowledged, replyStatus } = entry.attempt;
    const reply = replyStatus === undefined ? '' : ` (${replyStatus})`;
    return acknowledged
      ? [
          {
            at: entry.at,
            kind: 'good',
            english: `attempt ${attempt} acknowledged`,
            chinese: `第 ${attempt} 次通知已確認`,
          },
        ]
      : [
          {
            at: entry.at,
            kind: 'bad',
            english: `attempt ${attempt} failed${reply}`,
            chinese: `第 ${attempt} 次通知失敗${reply}`,
          },
        ];
  }
  if (entry.kind !== 'state' || entry.state === 'unpaid') return [];
  const words = {
    paying: ['a transfer is on its way', '轉帳途中'],
    paid: [
      `${formatAmount(entry.transfer?.amount ?? 0)} arrived`,
      `${formatAmount(entry.transfer?.amount ?? 0)} 已入帳`,
    ],
    failed: ['the transfer failed', '轉帳失敗'],
    closed: ['closed', '已關閉'],
  } as const;
  const [english, chinese] = words[entry.state];
  const kind = entry.state === 'paid' ? 'good' : entry.state === 'paying' ? 'plain' : 'bad';
  return [{ at: entry.at, kind, english, chinese }];
}

/** The next attempt is certain; those after it come only if it fails too. */
function attemptsToCome({ nextAttempts, retries, entries }: Track): Stop[] {
  const attempts = entries.flatMap((entry) => (entry.kind === 'attempt' ? [entry.attempt] : []));
  const stops: Stop[] = nextAttempts.map((at) => ({ at, kind: 'due', english: 'next attempt', chinese: '下次通知' }));
  const [due] = nextAttempts;
  const last = attempts.at(-1);
  if (!due || !last) return stops;
  const first = attempts.find(({ notification }) => notification === last.notification)?.at ?? due;
  const done = attempts.filter(({ notification }) => notification === last.notification).length;
  let previous = due;
  for (let retried = done; retried < retries.minutes.length; retried++) {
    const at = nextRetry(retries, retried, first, previous);
    if (!at) break;
    stops.push({ at, kind: 'maybe', english: 'another attempt', chinese: '再次通知' });
    previous = at;
  }
  return stops;
}

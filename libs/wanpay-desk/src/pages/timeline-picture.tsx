import type { Payment } from 'nestjs-wanpay';
import type { TimelineEntry } from 'nestjs-wanpay/ledger';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import type { JSX } from 'preact';
import { Scroll } from './format.js';
import { useText, useWording, type Wording } from './language.js';
import { ACTIONS, EVENTS, OUTCOMES, SOURCES } from './wording.js';

type Lane = 'order' | 'notification' | 'query' | 'delivery' | 'person';
type Kind = 'plain' | 'good' | 'bad';

/** Something that happened, in its lane. */
interface Mark {
  readonly lane: Lane;
  readonly at: Date;
  readonly kind: Kind;
  readonly label: Wording;
}

const LANES: readonly (readonly [Lane, Wording])[] = [
  ['order', { chinese: '訂單', english: 'Order' }],
  ['notification', { chinese: '平台通知', english: 'Notifications' }],
  ['query', { chinese: '查詢', english: 'Checks' }],
  ['delivery', { chinese: '程式處理', english: 'Handlers' }],
  ['person', { chinese: '人工', english: 'People' }],
];
const [WIDTH, LEFT, RIGHT, TOP, LANE] = [760, 110, 30, 26, 34];
const HEIGHT = TOP + LANES.length * LANE + 34;
const MAX_MARKS = 400;

/** A payment's history as a picture: who did what, and when, from its opening until its deadline or the last thing that happened. */
export function TimelinePicture(props: {
  readonly payment: Payment | undefined;
  readonly timeline: readonly TimelineEntry[];
}): JSX.Element | null {
  const { payment, timeline } = props;
  const say = useWording();
  const text = useText();
  const marks = marksOf(payment, timeline).slice(0, MAX_MARKS);
  const deadline = payment?.account?.expiresAt;
  const times = [...marks.map(({ at }) => at.getTime()), ...(deadline ? [deadline.getTime()] : [])];
  if (times.length === 0) return null;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = (at: Date): number => {
    return LEFT + Math.round(((at.getTime() - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT));
  };
  const y = (lane: Lane): number => TOP + LANES.findIndex(([name]) => name === lane) * LANE + LANE / 2;
  const title = say('這筆付款的歷程，內容同下方列表', 'The history of this payment; the list below says the same');
  return (
    <Scroll label={say('歷程的圖', 'History as a picture')}>
      <svg role="img" aria-label={title} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
        {LANES.map(([lane, wording]) => (
          <g key={lane}>
            <line class="line" x1={LEFT} x2={WIDTH - RIGHT} y1={y(lane)} y2={y(lane)} />
            <text x={0} y={y(lane) + 4}>
              {text(wording)}
            </text>
          </g>
        ))}
        {deadline && (
          <g>
            <line class="deadline" x1={x(deadline)} x2={x(deadline)} y1={TOP - 6} y2={HEIGHT - 30} />
            <text x={x(deadline)} y={14} text-anchor="end">
              {say('繳費期限', 'Deadline')} {formatTaipei(deadline).slice(5, 16)}
            </text>
          </g>
        )}
        {marks.map(({ lane, at, kind, label }, i) => (
          <Shape key={i} x={x(at)} y={y(lane)} kind={kind} title={`${formatTaipei(at)} ${text(label)}`} />
        ))}
        <text class="faint" x={LEFT} y={HEIGHT - 10}>
          {formatTaipei(new Date(first)).slice(0, 16)}
        </text>
        <text class="faint" x={WIDTH - RIGHT} y={HEIGHT - 10} text-anchor="end">
          {formatTaipei(new Date(last)).slice(0, 16)}
        </text>
      </svg>
    </Scroll>
  );
}

/** By shape as well as by colour. */
function Shape(props: {
  readonly x: number;
  readonly y: number;
  readonly kind: Kind;
  readonly title: string;
}): JSX.Element {
  const { x, y, kind, title } = props;
  return (
    <g>
      <title>{title}</title>
      {kind === 'plain' && <circle class="mark" cx={x} cy={y} r={6} />}
      {kind === 'good' && <rect class="mark good" x={x - 6} y={y - 6} width={12} height={12} />}
      {kind === 'bad' && <path class="mark bad" d={`M${x} ${y - 8}l8 14h-16z`} />}
    </g>
  );
}

const BAD_EVENTS = new Set([
  'atm.amount_mismatch',
  'atm.duplicate_payment',
  'atm.unclaimed_payment',
  'atm.unknown_order',
  'atm.failed',
]);
const OPENED: Wording = { chinese: '下單', english: 'Opened' };

function marksOf(payment: Payment | undefined, timeline: readonly TimelineEntry[]): readonly Mark[] {
  const opened: readonly Mark[] = payment
    ? [{ lane: 'order', at: payment.createdAt, kind: 'plain', label: OPENED }]
    : [];
  return [...opened, ...timeline.flatMap(toMarks)];
}

function toMarks(entry: TimelineEntry): readonly Mark[] {
  if (entry.kind === 'action') return [{ lane: 'person', at: entry.at, kind: 'plain', label: ACTIONS[entry.action] }];
  if (entry.kind === 'event') {
    const kind = BAD_EVENTS.has(entry.type) ? 'bad' : entry.type === 'atm.paid' ? 'good' : 'plain';
    const event: Mark = { lane: 'order', at: entry.at, kind, label: EVENTS[entry.type] };
    return [event, ...entry.deliveries.map((delivery) => toDeliveryMark(entry.at, delivery))];
  }
  const { source, outcome, change, at, lastAt, count } = entry;
  const lane = source === 'person' ? 'person' : source;
  const label = {
    chinese: `${SOURCES[source].chinese}：${OUTCOMES[outcome.status].chinese}`,
    english: `${SOURCES[source].english}: ${OUTCOMES[outcome.status].english}`,
  };
  // Money that paid nothing is no good news.
  const isGood = outcome.status === 'paid' && change?.to === 'paid';
  const kind = isGood ? 'good' : outcome.status === 'paid' || outcome.status === 'failed' ? 'bad' : 'plain';
  const repeated = count > 1 ? [{ lane, at: lastAt, kind, label } as const] : [];
  return [{ lane, at, kind, label }, ...repeated];
}

function toDeliveryMark(at: Date, delivery: { readonly handler: string; readonly state: string }): Mark {
  const kind = delivery.state === 'delivered' ? 'good' : delivery.state === 'dead' ? 'bad' : 'plain';
  return { lane: 'delivery', at, kind, label: { chinese: delivery.handler, english: delivery.handler } };
}

import { type ComponentChildren, type JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type VirtualClock } from '../clock/virtual-clock.js';
import { type Topic } from '../journal/changes.js';
import { assetUrl } from './assets.js';

/** What every page shows besides its own content. */
export interface Surroundings {
  /** The page's own path and query, from which its live parts are fetched again. */
  readonly path: string;
  readonly clock: Pick<VirtualClock, 'now' | 'stopped' | 'nextTimerAt'>;
  /** Whether other machines may reach it. */
  readonly isOpenToOthers: boolean;
}

interface PageProps extends Surroundings {
  readonly title: string;
  /** Where the page's live parts hear of changes. */
  readonly events?: string;
  readonly children: ComponentChildren;
}

const PLACES: readonly (readonly [string, string])[] = [
  ['/', 'Orders'],
  ['/requests', 'Requests'],
  ['/faults', 'Faults'],
  ['/merchants', 'Merchants'],
  ['/api/docs', 'API'],
];

/** htmx without what the policy forbids: no code out of attributes, no style of its own. */
const HTMX = JSON.stringify({
  allowEval: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0,
  selfRequestsOnly: true,
});

const EVERY_SECOND = {
  'hx-get': '/clock',
  'hx-trigger': 'every 1s',
  'hx-select': '#clock-face',
  'hx-target': 'this',
  'hx-swap': 'outerHTML',
};

/** A whole page as HTML. */
export function render(page: JSX.Element): string {
  return `<!doctype html>${renderToString(page)}`;
}

/** The frame of every page. */
export function Page({ title, events = '/api/events', children, ...surroundings }: PageProps): JSX.Element {
  const { path, isOpenToOthers } = surroundings;
  return (
    <html lang="en">
      <Head title={title}>
        <meta name="htmx-config" content={HTMX} />
        <script src={assetUrl('htmx.js')} defer />
        <script src={assetUrl('htmx-sse.js')} defer />
      </Head>
      <body hx-ext="sse" sse-connect={events}>
        <header>
          <a class="skip" href="#content">
            Skip to the content
          </a>
          <nav aria-label="Console">
            <ul>
              {PLACES.map(([href, name]) => (
                <li key={href}>
                  <a href={href} {...(path.split('?')[0] === href ? { 'aria-current': 'page' } : {})}>
                    {name}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
          <ClockPanel {...surroundings} />
        </header>
        <main id="content">
          <h1>{title}</h1>
          {children}
        </main>
        <footer>
          <p class={isOpenToOthers ? 'notice' : ''}>
            No password is asked for here, by design.{' '}
            {isOpenToOthers
              ? 'This emulator is bound to an address that other machines may reach: whoever reaches it can pay. Keep it off shared networks.'
              : 'This emulator is bound to loopback: only this machine reaches it.'}
          </p>
          <p>
            <a href="/api/session.mjs" download>
              This session as a script
            </a>{' '}
            that replays it
          </p>
        </footer>
      </body>
    </html>
  );
}

/** What the head of every page holds. */
export function Head({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${title} · WanPay emulator`}</title>
      <link rel="stylesheet" href={assetUrl('console.css')} />
      <link rel="icon" href={assetUrl('icon.svg')} />
      {children}
    </head>
  );
}

interface LiveProps {
  readonly id: string;
  readonly path: string;
  readonly topics: readonly Topic[];
  readonly children: ComponentChildren;
}

/** A part of a page that is fetched again when something of these topics changes. */
export function Live({ id, path, topics, children }: LiveProps): JSX.Element {
  return (
    <div
      hx-get={path}
      hx-trigger={topics.map((topic) => `sse:${topic}`).join(', ')}
      hx-select={`#${id}`}
      hx-target={`#${id}`}
      hx-swap="outerHTML"
    >
      <div id={id}>{children}</div>
    </div>
  );
}

/** A wide part that a narrow screen scrolls, by keyboard too. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

/** A moment, in Taipei's time. */
export function Moment({ at }: { at: Date }): JSX.Element {
  return <time dateTime={at.toISOString()}>{formatTaipei(at)}</time>;
}

function ClockPanel({ path, clock }: Surroundings): JSX.Element {
  const { stopped, nextTimerAt } = clock;
  return (
    <Live id="clock" path={path} topics={['clock', 'order']}>
      <section aria-label="Clock" class="row">
        <p>
          <ClockFace clock={clock} /> Taipei, {stopped ? 'stopped' : 'running'}
          {nextTimerAt ? (
            <>
              ; next event <Moment at={nextTimerAt} />
            </>
          ) : (
            ''
          )}
        </p>
        <form method="post" action="/api/clock" class="row">
          {stopped ? (
            <ClockButton name="resume" value="true" label="Let it run" />
          ) : (
            <ClockButton name="stop" value="true" label="Stop" />
          )}
          <ClockButton name="advanceSeconds" value="60" label="+1 minute" />
          <ClockButton name="advanceSeconds" value="86400" label="+1 day" />
          <ClockButton name="advanceSeconds" value="2592000" label="+30 days" />
          <ClockButton name="toNext" value="true" label="To the next event" />
        </form>
      </section>
    </Live>
  );
}

/** What the clock shows; while it runs, it asks for itself every second. */
export function ClockFace({ clock }: Pick<Surroundings, 'clock'>): JSX.Element {
  return (
    <strong id="clock-face" {...(clock.stopped ? {} : EVERY_SECOND)}>
      <Moment at={clock.now()} />
    </strong>
  );
}

function ClockButton({ name, value, label }: { name: string; value: string; label: string }): JSX.Element {
  return (
    <button id={`clock-${name}-${value}`} name={name} value={value}>
      {label}
    </button>
  );
}

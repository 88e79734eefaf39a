import type { ComponentChildren, JSX } from 'preact';
import { page } from '../pages/layout.js';
import { formatTime } from '../payment-page/format.js';
import { type Language, useWording, type Wording } from '../payment-page/language.js';

interface DeskPage {
  readonly title: Wording;
  readonly language: Language;
  /** The page's own address, where it reads itself again when something has changed; left out, it stays as it is. */
  readonly address?: string;
  /** Whether it also looks again by itself, because something is under way that nobody announces. */
  readonly isRestless?: boolean;
  readonly children: ComponentChildren;
}

/** A page of the merchant's desk. While it is open, what it shows is replaced whenever something has changed. */
export function deskPage({ title, language, address, isRestless = false, children }: DeskPage): string {
  return page({
    title,
    language,
    content: (
      <>
        <Notice />
        <Navigation />
        {address === undefined ? (
          children
        ) : (
          <div hx-ext="sse" sse-connect="/desk/live">
            <div
              id="desk"
              hx-get={address}
              hx-select="#desk"
              hx-swap="outerHTML"
              hx-trigger={isRestless ? 'sse:changed, every 3s' : 'sse:changed'}
            >
              {children}
            </div>
          </div>
        )}
      </>
    ),
  });
}

function Notice(): JSX.Element {
  const say = useWording();
  return (
    <p class="notice">
      {say(
        '示範用後台只有一組共用密碼。真正的商店請讓每個人各自登入。',
        'This demonstration has one password for everybody. Give each person a login of their own in a real shop.',
      )}
    </p>
  );
}

function Navigation(): JSX.Element {
  const say = useWording();
  return (
    <nav aria-label={say('店家後台', 'Merchant’s desk')}>
      <a href="/desk">{say('訂單', 'Orders')}</a>
      <a href="/desk/dead-letters">{say('未送達事件', 'Dead letters')}</a>
      <a href="/desk/reconciliation">{say('對帳', 'Reconciliation')}</a>
    </nav>
  );
}

/** A moment in Taipei time. */
export function Moment({ at }: { readonly at: Date }): JSX.Element {
  return <time dateTime={at.toISOString()}>{formatTime(at)}</time>;
}

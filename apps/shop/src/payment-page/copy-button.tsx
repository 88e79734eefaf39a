import type { JSX } from 'preact';
import { useWording } from './language.js';

/**
 * Copies a text, says so on itself, and has the page's `<CopyAnnouncer>` say so to those who don't see it. It takes
 * `payment-page.client.js`; without that, it isn't shown.
 *
 * @param what what is copied, for those who hear the button rather than see what it stands beside
 */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }): JSX.Element {
  const say = useWording();
  return (
    <button
      type="button"
      class="copy needs-script"
      data-copy={text}
      data-copied={say('已複製', 'Copied')}
      data-announce={say(`已複製${what}`, `${what} copied`)}
      data-failed={say('無法複製', 'Not copied')}
    >
      <span data-label>{say('複製', 'Copy')}</span>
      <span class="visually-hidden">{` ${what}`}</span>
    </button>
  );
}

/** Where copying is told to screen readers: once on a page, outside of what is swapped. */
export function CopyAnnouncer(): JSX.Element {
  return <p class="visually-hidden" role="status" data-copy-announcer />;
}

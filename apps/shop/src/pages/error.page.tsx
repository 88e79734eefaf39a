import type { JSX, VNode } from 'preact';
import { inLanguage, type Language, useWording, type Wording } from '../payment-page/language.js';
import { Contact } from './contact.js';
import { page } from './layout.js';

interface ErrorPage {
  readonly problems: readonly Wording[];
  /** What can be done about it, where something can. */
  readonly wayOn: VNode | undefined;
}

/** What went wrong, for a person, and a way on or back. */
export function errorPage({ problems, wayOn }: ErrorPage, language: Language): string {
  return page({
    title: { chinese: '發生問題', english: 'That did not work' },
    language,
    content: (
      <>
        <ul class="problems">
          {problems.map((problem) => (
            <li key={problem.english}>{inLanguage(language, problem)}</li>
          ))}
        </ul>
        {wayOn}
        <WayBack />
        <p>
          <Contact />
        </p>
      </>
    ),
  });
}

function WayBack(): JSX.Element {
  const say = useWording();
  return (
    <p>
      <a href="/">{say('回到商品', 'Back to the items')}</a>
    </p>
  );
}

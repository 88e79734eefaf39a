import type { JSX } from 'preact';
import { inLanguage, type Language, useWording, type Wording } from '../payment-page/language.js';
import { page } from './layout.js';

/** What went wrong, for a person, and a way back. */
export function errorPage(problems: readonly Wording[], language: Language): string {
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
        <WayBack />
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

import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { type Surroundings } from './surroundings.js';

/** A page that is not there, or can't be shown, with the way back. */
export function messagePage(message: string, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('That did not work', '未能完成')} {...around}>
      <p>{message}</p>
      <p>
        <a href="/">{say('All orders', '所有訂單')}</a>
      </p>
    </Page>,
  );
}

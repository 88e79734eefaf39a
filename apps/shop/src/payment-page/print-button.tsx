import type { JSX } from 'preact';
import { useWording } from './language.js';

/** Prints the page, or saves it as a PDF, as the browser offers. It takes `payment-page.client.js`; without that, it isn't shown. */
export function PrintButton(): JSX.Element {
  const say = useWording();
  return (
    <button type="button" class="print needs-script" data-print>
      {say('列印或儲存為 PDF', 'Print or save as PDF')}
    </button>
  );
}

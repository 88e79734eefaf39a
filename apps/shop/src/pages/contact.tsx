import type { JSX } from 'preact';
import { useWording } from '../payment-page/language.js';

/** `.example` is nobody's: put your own here. */
const ADDRESS = 'service@shop.example';

/** How customers reach the shop; with an order's number, the message has it already. */
export function Contact({ orderNo }: { readonly orderNo?: string }): JSX.Element {
  const say = useWording();
  const subject =
    orderNo === undefined ? '' : `?subject=${encodeURIComponent(say(`訂單 ${orderNo}`, `Order ${orderNo}`))}`;
  return (
    <>
      {say('與我們聯絡：', 'Get in touch: ')}
      <a href={`mailto:${ADDRESS}${subject}`}>{ADDRESS}</a>
    </>
  );
}

import type { JSX } from 'preact';
import { TryAgain } from '../checkout/try-again.js';
import { Contact } from '../pages/contact.js';
import { page } from '../pages/layout.js';
import { Chinese } from '../payment-page/chinese.js';
import { formatMoney } from '../payment-page/format.js';
import { type Language, useWording } from '../payment-page/language.js';
import { versionOf } from '../payment-page/payment.js';
import { PaymentPanel } from '../payment-page/payment-panel.js';
import { type Order, orderAgainUrl, shownPayment } from './order.js';

interface OrderPage {
  readonly order: Order;
  readonly now: Date;
  readonly emulator: Emulator | undefined;
}

/** Where a developer acts as the payer. WanPay's own platform has no such page. */
export interface Emulator {
  /** Its page of the order. */
  readonly deskUrl: string;
  /** Whether it has begun a fresh session, and does not know the order. */
  readonly hasForgotten: boolean;
}

/** An order: how it stands, where to pay while it waits for money, and what it is for. */
export function orderPage({ order, now, emulator }: OrderPage, language: Language): string {
  const shown = shownPayment(order);
  const pageUrl = `/orders/${order.orderNo}`;
  const liveUrl = `${pageUrl}/live?seen=${versionOf(shown)}&lang=${language === 'en' ? 'en' : 'zh'}`;
  return page({
    title: { chinese: '訂單付款', english: 'Pay your order' },
    language,
    content: (
      <>
        <PaymentPanel payment={shown} now={now} liveUrl={liveUrl} pageUrl={pageUrl}>
          {emulatorPart(emulator, order)}
        </PaymentPanel>
        {order.status.kind === 'placed' && <TryAgain order={order} />}
        <OrderSummary order={order} />
      </>
    ),
  });
}

/** Links to the emulator's page where the order can be paid, or says that it can no longer be paid. */
export function emulatorPart(emulator: Emulator | undefined, order: Order): JSX.Element | undefined {
  if (!emulator) return undefined;
  return emulator.hasForgotten ? <Forgotten order={order} /> : <EmulatorLink {...emulator} />;
}

function Forgotten({ order: { item, quantity } }: { readonly order: Order }): JSX.Element {
  const say = useWording();
  return (
    <p>
      {say(
        '模擬器已開始新的工作階段，不再認得這筆訂單，因此無法付款。',
        'The emulator has begun a fresh session and no longer knows this order, so it can’t be paid.',
      )}{' '}
      <a href={orderAgainUrl(item, quantity)}>{say('重新下單', 'Order again')}</a>
    </p>
  );
}

function EmulatorLink({ deskUrl }: Pick<Emulator, 'deskUrl'>): JSX.Element {
  const say = useWording();
  return (
    <p>
      <a class="button" href={deskUrl}>
        {say('到模擬器付款', 'Pay in the emulator')}
      </a>
    </p>
  );
}

function OrderSummary({ order }: { readonly order: Order }): JSX.Element {
  const say = useWording();
  const { orderNo, item, quantity, recipient, amount } = order;
  return (
    <section>
      <h2>{say('訂單內容', 'Your order')}</h2>
      <dl class="summary">
        <Row name={say('訂單編號', 'Order number')}>{orderNo}</Row>
        <Row name={say('商品', 'Item')}>{`${say(item.name, item.englishName)} × ${quantity}`}</Row>
        <Row name={say('收件人', 'Recipient')}>
          <Chinese>{recipient}</Chinese>
        </Row>
        <Row name={say('金額', 'Amount')}>{formatMoney(amount)}</Row>
      </dl>
      <p>
        <Contact orderNo={orderNo} />
      </p>
    </section>
  );
}

function Row({ name, children }: { readonly name: string; readonly children: JSX.Element | string }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

import type { JSX } from 'preact';
import { TryAgain } from '../checkout/try-again.js';
import { Contact } from '../pages/contact.js';
import { page } from '../pages/layout.js';
import { Chinese } from '../payment-page/chinese.js';
import { formatMoney } from '../payment-page/format.js';
import { type Language, useWording } from '../payment-page/language.js';
import { PaymentPanel } from '../payment-page/payment-panel.js';
import { type Order, shownPayment } from './order.js';

interface OrderPage {
  readonly order: Order;
  readonly now: Date;
  /** Where to pay it in the emulator, if there is one. */
  readonly deskUrl: string | undefined;
}

/** An order: how it stands, where to pay while it waits for money, and what it is for. */
export function orderPage({ order, now, deskUrl }: OrderPage, language: Language): string {
  const pageUrl = `/orders/${order.orderNo}`;
  const liveUrl = `${pageUrl}/live?seen=${order.status.kind}&lang=${language === 'en' ? 'en' : 'zh'}`;
  return page({
    title: { chinese: '訂單付款', english: 'Pay your order' },
    language,
    content: (
      <>
        <PaymentPanel payment={shownPayment(order)} now={now} liveUrl={liveUrl} pageUrl={pageUrl}>
          {emulatorLink(deskUrl)}
        </PaymentPanel>
        {order.status.kind === 'placed' && <TryAgain order={order} />}
        <OrderSummary order={order} />
      </>
    ),
  });
}

/** Leads a developer to where the order can be paid; there is no such place on WanPay's own platform. */
export function emulatorLink(deskUrl: string | undefined): JSX.Element | undefined {
  return deskUrl === undefined ? undefined : <EmulatorLink deskUrl={deskUrl} />;
}

function EmulatorLink({ deskUrl }: { readonly deskUrl: string }): JSX.Element {
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

import { type JSX } from 'preact';
import { type MerchantView } from '../merchants/merchant-view.js';
import { type Scenario } from '../scenarios/scenario.js';
import { Form, TextField } from './parts.js';
import { useConsole } from './surroundings.js';
import { type Say } from './language.js';

interface NewOrderProps {
  readonly merchants: readonly MerchantView[];
  readonly notificationUrl: string;
  readonly isOpen: boolean;
}

/** Opens an order as a merchant would, and, with a scenario, goes on with it. */
export function NewOrder({ merchants, notificationUrl, isOpen }: NewOrderProps): JSX.Element {
  const { say, problem } = useConsole();
  const open = isOpen || problem?.action === '/api/orders';
  return (
    <details class="panel" open={open} {...(open ? { 'data-open': 'true' } : {})}>
      <summary>{say('New order', '新訂單')}</summary>
      <Form action="/api/orders">
        <div class="row">
          <TextField
            label={say('Amount in NT$', '金額（NT$）')}
            name="amount"
            type="number"
            min="11"
            step="1"
            placeholder="1280"
          />
          <TextField
            label={say('Order number', '訂單編號')}
            name="orderNo"
            pattern="[0-9A-Z]{1,20}"
            placeholder={say('made for you', '自動產生')}
            autocomplete="off"
          />
          {merchants.length > 1 ? (
            <label>
              <span>{say('Merchant', '商戶')}</span>
              <select name="merchantNo">
                {merchants.map(({ merchantNo }) => (
                  <option key={merchantNo}>{merchantNo}</option>
                ))}
              </select>
            </label>
          ) : null}
          <TextField
            label={say('Notified at (backurl)', '通知網址（backurl）')}
            name="notificationUrl"
            type="url"
            value={notificationUrl}
            placeholder={say('nowhere', '不通知')}
          />
        </div>
        <div class="buttons">
          <button class="main">{say('Open the order', '建立訂單')}</button>
          <span class="soft">{say('or open it and play', '或建立並演練')}</span>
          {scenarios(say).map(([scenario, label]) => (
            <button key={scenario} name="scenario" value={scenario}>
              {label}
            </button>
          ))}
        </div>
      </Form>
    </details>
  );
}

function scenarios(say: Say): readonly (readonly [Scenario, string])[] {
  return [
    ['paid', say('paid', '已付款')],
    ['wrong-amount', say('wrong amount', '金額不符')],
    ['twice', say('paid twice', '付款兩次')],
    ['late', say('paid late', '逾期入帳')],
    ['failed', say('failed', '付款失敗')],
    ['lost-reply', say('lost reply', '回覆遺失')],
    ['taken-number', say('taken number', '訂單編號已被使用')],
  ];
}

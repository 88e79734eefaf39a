import { type JSX } from 'preact';
import { CATALOGUE, type FaultDescription, type FaultParameter } from '../faults/catalogue.js';
import { AMOUNT_SHAPES } from '../orders/amount.js';
import { type OrderRef } from '../orders/order-ref.js';
import { ACCOUNT_SHAPES, DEADLINE_SHAPES } from '../platform/acceptance.js';
import { type Say } from './language.js';
import { Check, Form, Select, TextField } from './parts.js';
import { useConsole } from './surroundings.js';
import { sentenceOf } from './wording.js';

const GROUPS = [
  [/-reply$|^dropped-connection$|^query-amount$|^order-taken$|^long-account$/, 'The platform’s replies', '平台的回覆'],
  [/-notification$|^lost-acknowledgement$/, 'Notifications', '通知'],
  [/^second-transfer$/, 'Payments', '付款'],
] as const;

/** What a person fills in for each parameter. */
const inputs = (say: Say): Readonly<Record<FaultParameter, JSX.Element>> => ({
  at: <Select label={say('Replies of the interface', '哪個介面的回覆')} name="at" values={['order', 'query']} />,
  code: <TextField label={say('Code', '代碼')} name="code" pattern="[0-9]{3,4}" value="999" />,
  info: <TextField label={say('Words beside the code', '代碼旁的文字')} name="info" />,
  httpStatus: (
    <TextField
      label={say('HTTP status', 'HTTP 狀態')}
      name="httpStatus"
      type="number"
      min="400"
      max="599"
      placeholder="500"
    />
  ),
  body: <TextField label={say('Body', '內容')} name="body" />,
  afterActing: (
    <Check
      label={say('Carry the request out, and only answer wrongly', '仍照請求執行，只是回覆錯誤')}
      name="afterActing"
    />
  ),
  delayMs: <TextField label={say('Milliseconds', '毫秒')} name="delayMs" type="number" min="1" placeholder="5000" />,
  delaySeconds: <TextField label={say('Seconds until then', '幾秒之後')} name="delaySeconds" type="number" min="0" />,
  wrongly: <Check label={say('Sign wrongly', '以錯誤的金鑰簽章')} name="wrongly" />,
  unit: <Select label={say('Unit', '單位')} name="unit" values={['cents', 'dollars']} />,
  fields: <TextField label={say('Fields', '欄位')} name="fields" placeholder="extension=new" />,
  unsigned: <Check label={say('Leave them out of the signature', '不納入簽章')} name="unsigned" />,
  numbers: (
    <Check
      label={say('Numbers as they are written, such as 1280.00', '數字保留原來的寫法，例如 1280.00')}
      name="numbers"
    />
  ),
  contentType: (
    <TextField
      label={say('Content-Type, or none', 'Content-Type，或 none')}
      name="contentType"
      placeholder="application/x-www-form-urlencoded; charset=utf8"
    />
  ),
  amount: <Select label={say('Amount', '金額')} name="amount" values={AMOUNT_SHAPES} />,
  deadline: <Select label={say('Deadline', '期限')} name="deadline" values={DEADLINE_SHAPES} />,
  account: <Select label={say('Account', '帳號')} name="account" values={ACCOUNT_SHAPES} />,
  status: <TextField label={say('Status', '狀態')} name="status" placeholder="5899" />,
  payerBankCode: (
    <TextField label={say('Bank, three digits', '銀行代碼，三碼')} name="payerBankCode" placeholder="812" />
  ),
  payerAccount: (
    <TextField
      label={say('Account, up to 16 digits', '帳號，最多 16 碼')}
      name="payerAccount"
      placeholder="0000987654321098"
    />
  ),
  paidAmount: (
    <TextField
      label={say('Amount in NT$', '金額（NT$）')}
      name="paidAmount"
      type="number"
      min="1"
      step="1"
      placeholder={say('as much as the first', '與第一筆相同')}
    />
  ),
});

/** Every fault as a sentence, which opens to the fields that it needs. */
export function FaultForms({ preset }: { preset: Partial<OrderRef> }): JSX.Element {
  const { say } = useConsole();
  return (
    <>
      {GROUPS.map(([pattern, english, chinese]) => (
        <section key={english} aria-label={say(english, chinese)}>
          <h3>{say(english, chinese)}</h3>
          {CATALOGUE.filter(({ kind }) => pattern.test(kind)).map((fault) => (
            <FaultForm key={fault.kind} fault={fault} preset={preset} />
          ))}
        </section>
      ))}
    </>
  );
}

function FaultForm({
  fault: { kind, takes },
  preset,
}: {
  fault: FaultDescription;
  preset: Partial<OrderRef>;
}): JSX.Element {
  const { say, language, problem } = useConsole();
  const inputOf = inputs(say);
  const isWrong = problem?.action === '/api/faults' && problem.values.kind === kind;
  // The values of a form that was refused belong to one kind alone.
  const action = isWrong || problem?.action !== '/api/faults' ? '/api/faults' : `/api/faults?for=${kind}`;
  return (
    <details class="fault" name="fault" id={kind} open={isWrong} {...(isWrong ? { 'data-open': 'true' } : {})}>
      <summary>
        {sentenceOf(kind, language)} <code class="wide soft">{kind}</code>
      </summary>
      <Form action={action}>
        <input type="hidden" name="kind" value={kind} />
        {takes.length > 0 ? <div class="row">{takes.map((name) => inputOf[name])}</div> : null}
        <fieldset class="row">
          <legend>{say('When', '時機')}</legend>
          <TextField
            label={say('How many times, or always', '次數，或 always')}
            name="times"
            pattern="[0-9]+|always"
            placeholder="1"
          />
          <TextField
            label={say('After how many that go well', '先略過幾次')}
            name="skip"
            type="number"
            min="0"
            placeholder="0"
          />
          <TextField
            label={say('Share, above 0 up to 1', '比例，大於 0，最大 1')}
            name="share"
            type="number"
            min="0.01"
            max="1"
            step="0.01"
            placeholder="1"
          />
          <TextField label={say('Only merchant', '只限商戶')} name="merchantNo" value={preset.merchantNo} />
          <TextField label={say('Only order', '只限訂單')} name="orderNo" value={preset.orderNo} />
        </fieldset>
        <button class="main" aria-label={`${say('Arm', '啟用')}: ${kind}`}>
          {say('Arm', '啟用')}
        </button>
      </Form>
    </details>
  );
}

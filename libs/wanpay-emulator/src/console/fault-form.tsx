import { type ComponentChildren, type JSX } from 'preact';
import { CATALOGUE, type FaultDescription, type FaultParameter } from '../faults/catalogue.js';
import { AMOUNT_SHAPES } from '../orders/amount.js';
import { type OrderRef } from '../orders/order-ref.js';
import { ACCOUNT_SHAPES, DEADLINE_SHAPES } from '../platform/acceptance.js';

const CODES = ['910', '911', '913', '991', '992', '993', '999', '6307', '5223'];

/** What a person fills in for each parameter. */
const inputs = (): Readonly<Record<FaultParameter, JSX.Element>> => ({
  at: <Select label="Replies of the interface" name="at" values={['order', 'query']} />,
  code: (
    <Field label="Code">
      <input name="code" list="codes" pattern="[0-9]{3,4}" value="999" />
      <datalist id="codes">
        {CODES.map((code) => (
          <option key={code} value={code} />
        ))}
      </datalist>
    </Field>
  ),
  info: <Text label="Words beside the code" name="info" />,
  httpStatus: (
    <Field label="HTTP status">
      <input name="httpStatus" type="number" min="400" max="599" placeholder="500" />
    </Field>
  ),
  body: <Text label="Body" name="body" />,
  afterActing: <Check label="Carry the request out, and only answer wrongly" name="afterActing" />,
  delayMs: (
    <Field label="Milliseconds">
      <input name="delayMs" type="number" min="1" placeholder="5000" />
    </Field>
  ),
  delaySeconds: (
    <Field label="Seconds until then">
      <input name="delaySeconds" type="number" min="0" />
    </Field>
  ),
  wrongly: <Check label="Sign wrongly" name="wrongly" />,
  unit: <Select label="Unit" name="unit" values={['cents', 'dollars']} />,
  fields: <Text label="Fields" name="fields" placeholder="extension=new" />,
  unsigned: <Check label="Leave them out of the signature" name="unsigned" />,
  numbers: <Check label="Numbers as they are written, such as 1280.00" name="numbers" />,
  contentType: (
    <Text
      label="Content-Type, or none"
      name="contentType"
      placeholder="application/x-www-form-urlencoded; charset=utf8"
    />
  ),
  amount: <Select label="Amount" name="amount" values={AMOUNT_SHAPES} />,
  deadline: <Select label="Deadline" name="deadline" values={DEADLINE_SHAPES} />,
  account: <Select label="Account" name="account" values={ACCOUNT_SHAPES} />,
  status: <Text label="Status" name="status" placeholder="5899" />,
  payerBankCode: <Text label="Bank, three digits" name="payerBankCode" placeholder="812" />,
  payerAccount: <Text label="Account, up to 16 digits" name="payerAccount" placeholder="0000987654321098" />,
  paidAmount: (
    <Field label="Amount in NT$">
      <input name="paidAmount" type="number" min="1" step="1" placeholder="as much as the first" />
    </Field>
  ),
});

/** The rules by which the form shows what the chosen kind needs, without a script. Browsers without `:has` show all of it. */
export const FAULT_FORM_CSS = `@supports selector(:has(*)) {
.faults .needed, .faults .needed .kind { display: none; }
${CATALOGUE.map(({ kind }) => `.faults:has(option[value='${kind}']:checked) .for-${kind} { display: block; }`).join('\n')}
}
`;

/** Arms a fault. */
export function FaultForm({ preset }: { preset: Partial<OrderRef> }): JSX.Element {
  const inputOf = inputs();
  return (
    <form method="post" action="/api/faults" class="panel faults">
      <Field label="What goes wrong">
        <select name="kind">
          {CATALOGUE.map(({ kind }) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </select>
      </Field>
      {CATALOGUE.map(({ kind, says }) => (
        <p key={kind} class={`needed for-${kind}`}>
          <span class="kind">{kind}:</span> {says}
        </p>
      ))}
      <div class="row">
        {parametersOf(CATALOGUE).map(({ name, kinds }) => (
          <div key={name} class={['needed', ...kinds.map((kind) => `for-${kind}`)].join(' ')}>
            {inputOf[name]}
          </div>
        ))}
      </div>
      <Trigger preset={preset} />
      <button class="main">Arm</button>
    </form>
  );
}

function Trigger({ preset }: { preset: Partial<OrderRef> }): JSX.Element {
  return (
    <fieldset>
      <legend>When</legend>
      <div class="row">
        <Field label="How many times, or always">
          <input name="times" pattern="[0-9]+|always" placeholder="1" />
        </Field>
        <Field label="After how many that go well">
          <input name="skip" type="number" min="0" placeholder="0" />
        </Field>
        <Field label="Share, above 0 up to 1">
          <input name="share" type="number" min="0.01" max="1" step="0.01" placeholder="1" />
        </Field>
        <Field label="Only merchant">
          <input name="merchantNo" value={preset.merchantNo} />
        </Field>
        <Field label="Only order">
          <input name="orderNo" value={preset.orderNo} />
        </Field>
      </div>
    </fieldset>
  );
}

/** Every parameter with the kinds that take it. */
function parametersOf(faults: readonly FaultDescription[]): { name: FaultParameter; kinds: string[] }[] {
  const names = [...new Set(faults.flatMap(({ takes }) => takes))];
  return names.map((name) => ({
    name,
    kinds: faults.filter(({ takes }) => takes.includes(name)).map(({ kind }) => kind),
  }));
}

function Field({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <label>
      {label}
      <br />
      {children}
    </label>
  );
}

function Text({ label, ...input }: { label: string; name: string; placeholder?: string }): JSX.Element {
  return (
    <Field label={label}>
      <input {...input} />
    </Field>
  );
}

function Check({ label, name }: { label: string; name: string }): JSX.Element {
  return (
    <label>
      <input name={name} type="checkbox" value="true" /> {label}
    </label>
  );
}

function Select({ label, name, values }: { label: string; name: string; values: readonly string[] }): JSX.Element {
  return (
    <Field label={label}>
      <select name={name}>
        {values.map((value) => (
          <option key={value}>{value}</option>
        ))}
      </select>
    </Field>
  );
}

import { type ComponentChildren, type JSX } from 'preact';
import { FAULT_KINDS } from '../faults/fault-input.js';
import { type ArmedFault } from '../faults/fault-plan.js';
import { type OrderRef } from '../orders/order-ref.js';
import { Live, Page, render, Scroll, type Surroundings } from './layout.js';
import { FaultText } from './timeline.js';

/** What is to go wrong, and what more could. */
export function faultsPage(
  armed: readonly ArmedFault[],
  preset: Partial<OrderRef>,
  surroundings: Surroundings,
): string {
  return render(
    <Page title="Faults" {...surroundings}>
      <Live id="faults" path={surroundings.path} topics={['faults']}>
        {armed.length > 0 ? <Armed faults={armed} /> : <p>All goes well: no fault is armed.</p>}
      </Live>
      <h2>Arm a fault</h2>
      <ArmForm preset={preset} />
    </Page>,
  );
}

function Armed({ faults }: { faults: readonly ArmedFault[] }): JSX.Element {
  return (
    <>
      <Scroll label="Armed faults">
        <table>
          <thead>
            <tr>
              <th scope="col">Fault</th>
              <th scope="col">When</th>
              <th scope="col">Struck</th>
              <th scope="col">Disarm</th>
            </tr>
          </thead>
          <tbody>
            {faults.map(({ id, fault, trigger, struck }) => (
              <tr key={id}>
                <td>
                  <FaultText fault={fault} />
                </td>
                <td>{describe(trigger)}</td>
                <td class="number">{struck}</td>
                <td>
                  <form method="post" action={`/api/faults/${id}/disarm`}>
                    <button aria-label={`Disarm ${fault.kind}`}>Disarm</button>
                  </form>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <form method="post" action="/api/faults/clear">
        <button id="clear">Disarm all</button>
      </form>
    </>
  );
}

function describe({ times, skip, share, merchantNo, orderNo }: ArmedFault['trigger']): string {
  const count = times ?? (share === undefined ? 1 : 'always');
  return [
    ...(share === undefined ? [] : [`${share * 100} %`]),
    count === 'always' ? 'always' : `${count} ${count === 1 ? 'time' : 'times'}`,
    ...(skip ? [`after ${skip}`] : []),
    ...(merchantNo === undefined ? [] : [`merchant ${merchantNo}`]),
    ...(orderNo === undefined ? [] : [`order ${orderNo}`]),
  ].join(', ');
}

function ArmForm({ preset }: { preset: Partial<OrderRef> }): JSX.Element {
  return (
    <form method="post" action="/api/faults" class="panel">
      <div class="row">
        <Field label="What goes wrong">
          <select name="kind">
            {FAULT_KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </Field>
        <Field label="Replies of the interface">
          <select name="at">
            <option>order</option>
            <option>query</option>
          </select>
        </Field>
      </div>
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
            <input name="share" type="number" min="0.01" max="1" step="0.01" placeholder="every one" />
          </Field>
          <Field label="Only merchant">
            <input name="merchantNo" value={preset.merchantNo} />
          </Field>
          <Field label="Only order">
            <input name="orderNo" value={preset.orderNo} />
          </Field>
        </div>
      </fieldset>
      <fieldset>
        <legend>What the kind needs</legend>
        <div class="row">
          <Field label="Code (code-reply)">
            <input name="code" list="codes" pattern="[0-9]{3,4}" value="999" />
            <datalist id="codes">
              {['910', '911', '913', '991', '992', '993', '999', '6307', '5223'].map((code) => (
                <option key={code} value={code} />
              ))}
            </datalist>
          </Field>
          <Field label="HTTP status (http-error-reply)">
            <input name="httpStatus" type="number" min="400" max="599" placeholder="500" />
          </Field>
          <Field label="Body (body-reply, http-error-reply)">
            <input name="body" />
          </Field>
          <Field label="Milliseconds (slow-reply)">
            <input name="delayMs" type="number" min="1" placeholder="5000" />
          </Field>
          <Field label="Seconds (delayed-notification)">
            <input name="delaySeconds" type="number" min="1" placeholder="60" />
          </Field>
          <Field label="Unit (query-amount)">
            <select name="unit">
              <option>cents</option>
              <option>dollars</option>
            </select>
          </Field>
          <Field label="Fields (extended-notification)">
            <input name="fields" placeholder="extension=new" />
          </Field>
        </div>
        <p>
          <label>
            <input name="afterActing" type="checkbox" value="true" /> Carry the request out, and only answer wrongly
          </label>
        </p>
        <p>
          <label>
            <input name="wrongly" type="checkbox" value="true" /> Sign wrongly (signed-reply)
          </label>
        </p>
      </fieldset>
      <button class="main">Arm</button>
    </form>
  );
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

import { type JSX } from 'preact';
import { describeFault } from '../faults/catalogue.js';
import { type ArmedFault } from '../faults/fault-plan.js';
import { type OrderRef } from '../orders/order-ref.js';
import { FaultForm } from './fault-form.js';
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
      <FaultForm preset={preset} />
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
                <td class="says">
                  <FaultText fault={fault} />
                  <br />
                  {describeFault(fault.kind)}
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

import { type JSX } from 'preact';
import { type ArmedFault } from '../faults/fault-plan.js';
import { type OrderRef } from '../orders/order-ref.js';
import { FaultForms } from './fault-form.js';
import { type Say, sayIn } from './language.js';
import { Page, render } from './layout.js';
import { Live, Scroll } from './parts.js';
import { type Surroundings, useConsole } from './surroundings.js';
import { FaultText } from './timeline.js';
import { sentenceOf } from './wording.js';

/** What is to go wrong, and what more could. */
export function faultsPage(armed: readonly ArmedFault[], preset: Partial<OrderRef>, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('Faults', '故障')} {...around}>
      <Live id="faults" topics={['faults']}>
        {armed.length > 0 ? (
          <Armed faults={armed} />
        ) : (
          <p>{say('All goes well: no fault is armed.', '一切正常：沒有啟用的故障。')}</p>
        )}
      </Live>
      <h2>{say('Arm a fault', '啟用故障')}</h2>
      {preset.orderNo === undefined ? null : (
        <p>{say(`For order ${preset.orderNo}:`, `只針對訂單 ${preset.orderNo}：`)}</p>
      )}
      <FaultForms preset={preset} />
    </Page>,
  );
}

function Armed({ faults }: { faults: readonly ArmedFault[] }): JSX.Element {
  const { say, language } = useConsole();
  return (
    <>
      <Scroll label={say('Armed faults', '已啟用的故障')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('Fault', '故障')}</th>
              <th scope="col" class="wide">
                {say('When', '時機')}
              </th>
              <th scope="col" class="wide">
                {say('Struck', '已發生')}
              </th>
              <th scope="col">{say('Disarm', '解除')}</th>
            </tr>
          </thead>
          <tbody data-list="faults">
            {faults.map(({ id, fault, trigger, struck }) => (
              <tr key={id} id={`fault-${id}`}>
                <td class="says">
                  {sentenceOf(fault.kind, language)}
                  <span class="soft block">
                    <FaultText fault={fault} />
                  </span>
                  <span class="narrow quoted">
                    {describe(trigger, say)}
                    {say(`; struck: ${struck}`, `；已發生 ${struck} 次`)}
                  </span>
                </td>
                <td class="wide quoted">{describe(trigger, say)}</td>
                <td class="number wide">{struck}</td>
                <td>
                  <form method="post" action={`/api/faults/${id}/disarm`}>
                    <button aria-label={say(`Disarm ${fault.kind}`, `解除 ${fault.kind}`)}>
                      {say('Disarm', '解除')}
                    </button>
                  </form>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <form method="post" action="/api/faults/clear">
        <button id="clear">{say('Disarm all', '全部解除')}</button>
      </form>
    </>
  );
}

function describe({ times, skip, share, merchantNo, orderNo }: ArmedFault['trigger'], say: Say): string {
  const count = times ?? (share === undefined ? 1 : 'always');
  return [
    ...(share === undefined ? [] : [`${share * 100} %`]),
    count === 'always' ? say('always', '每次') : say(`${count} ${count === 1 ? 'time' : 'times'}`, `${count} 次`),
    ...(skip ? [say(`after ${skip}`, `略過 ${skip} 次之後`)] : []),
    ...(merchantNo === undefined ? [] : [say(`merchant ${merchantNo}`, `商戶 ${merchantNo}`)]),
    ...(orderNo === undefined ? [] : [say(`order ${orderNo}`, `訂單 ${orderNo}`)]),
  ].join(say(', ', '，'));
}

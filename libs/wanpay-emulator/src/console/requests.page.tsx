import { type JSX } from 'preact';
import { type RequestEntry } from '../journal/entry.js';
import { formatLatency } from './format.js';
import { sayIn } from './language.js';
import { Page, render } from './layout.js';
import { Paging, type PageOf } from './paging.js';
import { Live, Moment, Scroll } from './parts.js';
import { orderPath } from './paths.js';
import { RequestDetails, Verdict } from './request.js';
import { type Surroundings, useConsole } from './surroundings.js';

/** What a request was sent to, in Chinese. */
const INTERFACES = { order: '下單', query: '查詢' };

/** Every request, refused ones included, the newest first. */
export function requestsPage(requests: PageOf<RequestEntry>, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={say('Requests', '請求')} {...around}>
      <Live id="requests" topics={['request']}>
        {requests.items.length > 0 ? (
          <RequestTable requests={requests.items} />
        ) : (
          <p>
            {say('No requests yet.', '還沒有請求。')}{' '}
            <a href="/">{say('The first page tells how to send one.', '首頁說明如何送出。')}</a>
          </p>
        )}
        <Paging page={requests} path="/requests" />
      </Live>
    </Page>,
  );
}

/** One request, which may belong to no order. */
export function requestPage(request: RequestEntry, around: Surroundings): string {
  const say = sayIn(around.language);
  return render(
    <Page title={`${say('Request', '請求')} ${request.number}`} {...around}>
      <p>
        <Moment at={request.at} /> <OrderLink request={request} />
      </p>
      <h2>{say('What happened', '經過')}</h2>
      <RequestDetails request={request} />
      <p>
        <a href="/requests">{say('All requests', '所有請求')}</a>
      </p>
    </Page>,
  );
}

function RequestTable({ requests }: { requests: readonly RequestEntry[] }): JSX.Element {
  const { say } = useConsole();
  return (
    <Scroll label={say('Requests', '請求')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{say('No.', '編號')}</th>
            <th scope="col">{say('Order', '訂單')}</th>
            <th scope="col">{say('Result', '結果')}</th>
            <th scope="col">HTTP</th>
            <th scope="col" class="amount">
              {say('Latency', '耗時')}
            </th>
            <th scope="col" class="wide">
              {say('Interface', '介面')}
            </th>
            <th scope="col" class="wide">
              {say('Came', '時間')}
            </th>
          </tr>
        </thead>
        <tbody data-list="requests">
          {requests.map((request) => (
            <tr key={request.number} id={`request-${request.number}`}>
              <td>
                <a href={`/requests/${request.number}`}>{request.number}</a>
              </td>
              <td>
                <OrderLink request={request} />
              </td>
              <td>
                <Verdict ending={request.ending} />
              </td>
              <td class="number">{request.ending ? (request.ending.httpStatus ?? say('lost', '遺失')) : ''}</td>
              <td class="amount">{request.ending ? formatLatency(request.ending.latencyMs) : ''}</td>
              <td class="wide">{say(request.interface, INTERFACES[request.interface])}</td>
              <td class="wide">
                <Moment at={request.at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function OrderLink({ request: { merchantNo, orderNo } }: { request: RequestEntry }): JSX.Element | null {
  if (merchantNo === undefined || orderNo === undefined) return null;
  return <a href={orderPath({ merchantNo, orderNo })}>{orderNo}</a>;
}

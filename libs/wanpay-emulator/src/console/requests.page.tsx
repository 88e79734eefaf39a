import { type JSX } from 'preact';
import { type RequestEntry } from '../journal/entry.js';
import { Live, Moment, Page, render, Scroll, type Surroundings } from './layout.js';
import { Paging, type PageOf } from './paging.js';
import { orderPath } from './paths.js';
import { RequestDetails, Verdict } from './request.js';

/** Every request, refused ones included, the newest first. */
export function requestsPage(requests: PageOf<RequestEntry>, surroundings: Surroundings): string {
  return render(
    <Page title="Requests" {...surroundings}>
      <Live id="requests" path={surroundings.path} topics={['request']}>
        {requests.items.length > 0 ? <RequestTable requests={requests.items} /> : <p>No requests yet.</p>}
        <Paging page={requests} path="/requests" />
      </Live>
    </Page>,
  );
}

/** One request, which may belong to no order. */
export function requestPage(request: RequestEntry, surroundings: Surroundings): string {
  return render(
    <Page title={`Request ${request.number}`} {...surroundings}>
      <p>
        <Moment at={request.at} /> <OrderLink request={request} />
      </p>
      <h2>What happened</h2>
      <RequestDetails request={request} />
      <p>
        <a href="/requests">All requests</a>
      </p>
    </Page>,
  );
}

function RequestTable({ requests }: { requests: readonly RequestEntry[] }): JSX.Element {
  return (
    <Scroll label="Requests">
      <table>
        <thead>
          <tr>
            <th scope="col">Request</th>
            <th scope="col">Came</th>
            <th scope="col">Interface</th>
            <th scope="col">Order</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.id}>
              <td>
                <a href={`/requests/${request.number}`}>{request.number}</a>
              </td>
              <td class="number">
                <Moment at={request.at} />
              </td>
              <td>{request.interface}</td>
              <td>
                <OrderLink request={request} />
              </td>
              <td>
                <Verdict ending={request.ending} />
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

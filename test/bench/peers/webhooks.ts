import { join } from 'node:path';
import { Tables } from '../database/tables.js';
import type { Remote } from '../host/remote.js';
import { saturate } from '../http/load.js';
import { formPost } from '../http/requests.js';
import { alternate, type Side } from '../measure.js';
import { orderNos, paidNotification } from '../orders.js';
import type { Bench } from '../plan.js';
import { compared, type Row } from '../row.js';
import { installPeers } from './packages.js';
import { PeerProcess } from './peer-process.js';
import { ecpayCallback, stripeWebhook } from './requests.js';

const CONNECTIONS = 64;
const STRIPE = '@golevelup/nestjs-stripe';
const ECPAY = '@rytass/payments-adapter-ecpay';

/** Signed notifications to a handler on Express: ours, with a ledger in memory and in PostgreSQL, and those of two Nest libraries. */
export const webhooks: Bench = async ({ smoke, rounds, hosts, postgres }) => {
  const peers = await installPeers();
  const tables = await Tables.create(await postgres());
  const stripe = await PeerProcess.start(join(peers, 'stripe.js'));
  const ecpay = await PeerProcess.start(join(peers, 'ecpay.js'));
  const memory = await hosts.start({ adapter: 'express', kind: 'module' });
  const durable = await hosts.start({ adapter: 'express', kind: 'module', database: tables.address });
  const count = smoke ? 100 : 8000;
  const ours =
    (host: Remote, prefix: string, open: (orders: string) => Promise<unknown>): Side =>
    async (round) => {
      const orders = `${prefix}R${round}`;
      await open(orders);
      return saturate(host.port, orderNos(orders, count).map(paidNotification).map(formPost), CONNECTIONS, 200);
    };
  const [byStripe, byEcpay, inMemory, inPostgres] = await alternate(
    [
      (round) => saturate(stripe.port, orderNos(`S${round}`, count).map(stripeWebhook), CONNECTIONS, 201),
      async (round) => {
        const orders = orderNos(`E${round}`, count);
        await ecpay.ask({ ask: 'open', orders });
        return saturate(ecpay.port, orders.map(ecpayCallback), CONNECTIONS, 200);
      },
      ours(memory, 'M', async (prefix) => {
        await memory.ask({ ask: 'purge' });
        await memory.ask({ ask: 'open', prefix, count });
      }),
      ours(durable, 'D', async (prefix) => {
        await tables.open(prefix, count);
        await tables.settleDown();
      }),
    ],
    rounds,
  );
  await Promise.all([stripe, ecpay, memory, durable].map((host) => host.stop()));
  await tables.close();
  const row = (ledger: string, beside: string, peer?: readonly number[], measured?: readonly number[]): Row =>
    compared({ what: `notification to handler, Express, ledger in ${ledger}`, beside, unit: '/s' }, peer, measured);
  return {
    rows: [
      row('memory', STRIPE, byStripe, inMemory),
      row('PostgreSQL', STRIPE, byStripe, inPostgres),
      row('memory', ECPAY, byEcpay, inMemory),
      row('PostgreSQL', ECPAY, byEcpay, inPostgres),
    ],
  };
};

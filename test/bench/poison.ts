import type { Fields } from 'nestjs-wanpay/protocol';
import { Tables } from './database/tables.js';
import { Background, saturate } from './http/load.js';
import { formPost } from './http/requests.js';
import { alternate, type Side } from './measure.js';
import { forgedNotification, orderNos, paidNotification, poisonedNotification } from './orders.js';
import type { Bench } from './plan.js';
import { compared, type RowHead, told } from './row.js';

const CONNECTIONS = 64;
const POISONERS = 200;
/** Of all poisoners together: half of what a host takes in beside them. */
const PER_SECOND = 2000;

/** Who sends what beside the honest ones. */
interface Crowd {
  readonly make: (orderNo: string) => Fields;
  readonly status: number;
  /** How many a second were answered, round by round. */
  readonly rates: number[];
}

/**
 * What 200 senders of what PostgreSQL can't hold cost the honest ones beside them.
 *
 * A host has one processor, and whatever is refused takes some of it. So the fair floor is a host that refuses as many
 * requests a second for an ordinary reason, a wrong signature: what is lost beyond that, the poison has cost.
 */
export const poison: Bench = async ({ smoke, rounds, profileFolder, hosts, postgres }) => {
  const tables = await Tables.create(await postgres());
  const host = await hosts.start({ adapter: 'fastify', kind: 'module', database: tables.address }, profileFolder);
  const count = smoke ? 20 : 6000;
  const forgers: Crowd = { make: forgedNotification, status: 401, rates: [] };
  const poisoners: Crowd = { make: poisonedNotification, status: 400, rates: [] };
  const beside = (prefix: string, crowd?: Crowd): Side => {
    return async (round) => {
      const orders = `${prefix}R${round}`;
      await tables.open(orders, count);
      await tables.settleDown();
      const requests = orderNos(orders, count).map(paidNotification).map(formPost);
      const theirs = crowd && orderNos(`X${orders}`, 50).map(crowd.make).map(formPost);
      const background =
        crowd && theirs && (await Background.start(host.port, theirs, PER_SECOND, POISONERS, crowd.status));
      const figure = await saturate(host.port, requests, CONNECTIONS, 200);
      if (background) crowd.rates.push(await background.stop());
      return figure;
    };
  };
  const [alone, forged, poisoned] = await alternate(
    [beside('A'), beside('F', forgers), beside('P', poisoners)],
    rounds,
  );
  await host.stop();
  await tables.close();
  const head = (floor: string): RowHead => ({
    what: `notification, PostgreSQL, Fastify, beside ${POISONERS} senders of signed numbers with a NUL`,
    beside: floor,
    unit: '/s',
  });
  return {
    rows: [
      compared({ ...head('beside as many with a wrong signature'), target: { atLeast: 0.9 } }, forged, poisoned),
      compared(head('alone'), alone, poisoned),
      told('– what the senders with a wrong signature sent', '/s', forgers.rates),
      told('– what the senders of numbers with a NUL sent', '/s', poisoners.rates),
    ],
  };
};

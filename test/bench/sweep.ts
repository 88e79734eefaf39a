import { setTimeout as pause } from 'node:timers/promises';
import { postgresSweep, sqliteSweep, type Swept } from './sweep/ledgers.js';
import { Platform } from './sweep/platform.js';
import { alternate, milliseconds, type Side } from './measure.js';
import type { Bench } from './plan.js';
import { compared, type Row } from './row.js';

/** Queries a second, of which there may be no more than 1,000: a sweep must find its second empty. */
const PACE_MS = 1000;
/** This few queries fit into any second, whatever was asked before. */
const WITHIN_A_SECOND = 10;
const CLAIM = 100;
const HOUR_MS = 3_600_000;

/** What it costs to sweep what is due, among few payments and among many. */
export const sweep: Bench = async (plan) => {
  const size = plan.smoke ? { due: 5, few: 20, many: 200 } : { due: 1000, few: 10_000, many: 1_000_000 };
  const platform = await Platform.start();
  const rows: Row[] = [];
  const notes = [];
  for (const open of [postgresSweep, sqliteSweep]) {
    const few = await open(plan, platform.baseUrl, { payments: size.few, due: size.due });
    const many = await open(plan, platform.baseUrl, { payments: size.many, due: size.due });
    const [fewSwept, manySwept] = await alternate([sweeping(few, size.due), sweeping(many, size.due)], plan.rounds);
    const [fewClaimed, manyClaimed] = await alternate([claiming(few, size.due), claiming(many, size.due)], plan.rounds);
    const [fewNext, manyNext] = await alternate([lookingAhead(few), lookingAhead(many)], plan.rounds);
    notes.push(...(await many.plans()));
    await few.close();
    await many.close();
    const what = `${size.due} due among ${size.many}, ${many.name}`;
    const head = { beside: `among ${size.few}`, unit: 'ms' } as const;
    rows.push(
      compared({ ...head, what: `sweep, ${what}`, target: { atMost: 1.2 } }, fewSwept, manySwept),
      compared({ ...head, what: `– the claims alone, ${what}` }, fewClaimed, manyClaimed),
      compared({ ...head, what: `– nextCheckDue, ${what}` }, fewNext, manyNext),
    );
  }
  await platform.stop();
  return { rows, notes };
};

/** The whole of it: claims, queries, settlements, and the checks that follow. */
export function sweeping({ makeDue, wanpay }: Swept, due: number): Side {
  return async (round) => {
    await makeDue(round);
    if (due > WITHIN_A_SECOND) await pause(PACE_MS);
    let answered = 0;
    const elapsed = await milliseconds(async () => {
      ({ answered } = await wanpay.sweep());
    });
    if (answered !== due) throw new Error(`A sweep asked after ${answered} payments instead of ${due}.`);
    return elapsed;
  };
}

/** Claims all that is due, and gives it back outside of what is measured. */
export function claiming({ makeDue, ledger }: Swept, due: number): Side {
  return async (round) => {
    await makeDue(round);
    const now = new Date();
    const leaseUntil = new Date(now.getTime() + HOUR_MS);
    let claimed = 0;
    return milliseconds(async () => {
      while (claimed < due) {
        const { checks } = await ledger.claimChecks({ now, leaseUntil, limit: CLAIM });
        if (checks.length === 0) throw new Error(`Only ${claimed} of ${due} checks could be claimed.`);
        claimed += checks.length;
      }
    });
  };
}

function lookingAhead({ ledger }: Swept): Side {
  return () => milliseconds(() => ledger.nextCheckDue(new Date()));
}

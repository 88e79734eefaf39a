import { Matches } from 'class-validator';
import type { Period } from 'nestjs-wanpay/ledger';
import { formatTaipei, parseTaipei } from 'nestjs-wanpay/protocol';
import { HttpStatus } from '@nestjs/common';
import { says } from '../pages/form-problems.js';
import { Problem } from '../pages/problem.js';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Days in Taipei, as `<input type="date">` sends them; both are included. */
export class PeriodForm {
  @Matches(DAY, says('起始日期不正確。', 'The first day is not a date.'))
  from!: string;

  @Matches(DAY, says('結束日期不正確。', 'The last day is not a date.'))
  to!: string;
}

/** @throws Problem when there is no such day, or the last comes before the first */
export function toPeriod(form: PeriodForm): Period {
  const [from, lastDay] = [parseTaipei(form.from), parseTaipei(form.to)];
  if (from && lastDay && from <= lastDay) return { from, to: new Date(lastDay.getTime() + DAY_MS) };
  const problem = { chinese: '日期不正確。', english: 'These are no days, or the last comes before the first.' };
  throw new Problem(HttpStatus.BAD_REQUEST, [problem]);
}

/** The day that it is in Taipei. */
export function today(now: Date): PeriodForm {
  const day = formatTaipei(now).slice(0, 10);
  return { from: day, to: day };
}

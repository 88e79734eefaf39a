import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type Order } from '../orders/order.js';
import { type Fields } from './fields.js';
import { type PlatformReply, SUCCESS } from './reply.js';

/** How a deadline is written otherwise than in the vendor's sample. */
export const DEADLINE_SHAPES = ['slashes', 'fraction', 'eight-digits', 'unreadable', 'absent'] as const;

/** `2022/07/22`, `2022-07-22 23:59:59.0`, `20220722` as the table has it, `--`, or not at all. */
export type DeadlineShape = (typeof DEADLINE_SHAPES)[number];

/** How an account is written otherwise than in the vendor's sample. */
export const ACCOUNT_SHAPES = ['spaced', 'hyphenated', 'number'] as const;

/** `4671 0722 8518 32`, `4671-0722-8518-32`, or a JSON number. */
export type AccountShape = (typeof ACCOUNT_SHAPES)[number];

/** How a reply is written when it is not as the sample. */
export interface AcceptanceStyle {
  readonly deadline?: DeadlineShape | undefined;
  readonly account?: AccountShape | undefined;
}

/** The reply to an order that was accepted (3.1.1), worded as the vendor's sample. */
export function acceptance(order: Order, style: AcceptanceStyle = {}): PlatformReply {
  const { account } = order;
  return {
    status: SUCCESS,
    info: '下单成功',
    data: {
      code_url: writeAccount(account.number, style.account),
      ...writeDeadline(order.expiresAt, style.deadline),
      bankcode: account.bankCode,
      bankname: account.bankName,
      branchcode: account.branchCode,
      branchname: account.branchName,
      receiver: account.holder,
      out_trade_no: order.orderNo,
    },
    ...(style.account === 'number' ? { numbers: ['code_url'] } : {}),
  };
}

function writeAccount(number: string, shape: AccountShape | undefined): string {
  const groups = number.match(/\d{1,4}/g) ?? [];
  if (shape === 'spaced') return groups.join(' ');
  return shape === 'hyphenated' ? groups.join('-') : number;
}

function writeDeadline(expiresAt: Date, shape: DeadlineShape | undefined): Fields {
  const usual = formatTaipei(expiresAt);
  const [day = ''] = usual.split(' ');
  switch (shape) {
    case undefined:
      return { expiredate: usual };
    case 'slashes':
      return { expiredate: day.replaceAll('-', '/') };
    case 'fraction':
      return { expiredate: `${usual}.0` };
    case 'eight-digits':
      return { expiredate: day.replaceAll('-', '') };
    case 'unreadable':
      return { expiredate: '--' };
    case 'absent':
      return {};
  }
}

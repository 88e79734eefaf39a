import { formatTaipei } from 'nestjs-wanpay/protocol';

const GROUP_OF_FOUR = /\d{4}(?=\d)/g;

/** `NT$1,280` */
export function formatMoney(dollars: number): string {
  return `NT$${dollars.toLocaleString('en-US')}`;
}

/** `4671 0722 8518 32`: in groups of four, as a person reads it off the screen and types it in. */
export function formatAccount(number: string): string {
  return number.replaceAll(GROUP_OF_FOUR, '$& ');
}

/** `2022-07-22 23:59:59` in Taipei, where the payers and their banks are. */
export function formatTime(moment: Date): string {
  return formatTaipei(moment);
}

import { InvalidArgumentError } from 'commander';
import { type MerchantOptions } from '../merchants/merchants.js';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Reads `NO:KEY`. */
export function parseMerchant(text: string): MerchantOptions {
  const [, merchantNo, key] = /^([^:]+):(.+)$/.exec(text) ?? [];
  if (!merchantNo || !key) throw new InvalidArgumentError('It is written NO:KEY.');
  return { merchantNo, key };
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It is a number from 0 to 65535.');
  return port;
}

export function parseDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('It is no date.');
  return date;
}

/** An amount of whole New Taiwan dollars. */
export function parseAmount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number of New Taiwan dollars.');
  return Number(text);
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

/** A time to wait, in seconds, as milliseconds. */
export function parseSeconds(text: string): number {
  const ms = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) * 1000 : 0;
  if (ms <= 0) throw new InvalidArgumentError('It is a number of seconds, such as 60.');
  return ms;
}

/** An address that begins with http:// or https://, without the slashes at its end. */
export function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('It is an address, such as http://127.0.0.1:3000.');
  }
  return text.replace(/\/+$/, '');
}

/** A span of time by its parts, such as `90s`, `3m`, `1h30m` and `30d`, in seconds; or `next`. */
export function parseSpan(text: string): number | 'next' {
  if (text === 'next') return text;
  const parts = [...text.matchAll(/(\d{1,6})([smhd])/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new InvalidArgumentError('It is written 90s, 3m, 1h30m or 30d; or next.');
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (isUnit(unit) ? SECONDS[unit] : 0), 0);
}

function isUnit(text: string | undefined): text is keyof typeof SECONDS {
  return text !== undefined && Object.hasOwn(SECONDS, text);
}

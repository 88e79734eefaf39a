import { hash } from 'node:crypto';
import { type Fields, signingString, signNotification, toTimestamp } from 'nestjs-wanpay/protocol';
import { type WanPayEmulator } from 'wanpay-emulator';
import { type SeenReply, send } from './http.js';

export const FORM = 'application/x-www-form-urlencoded; charset=utf-8';
export const JSON_TYPE = 'application/json';

/** A notification in the platform's name: "paid", timely and correctly signed, unless the fields or the key say otherwise. */
export function notification(emulator: WanPayEmulator, fields: Fields, key = emulator.merchant.key): Fields {
  return signNotification(
    {
      orgno: emulator.merchant.merchantNo,
      status: '0000',
      secondtimestamp: toTimestamp(emulator.clock.now()),
      ...fields,
    },
    key,
  );
}

/** A notification with the signature that an empty key would make. */
export function signedWithoutKey(fields: Fields): Fields {
  return { ...fields, sign: hash('md5', signingString(fields)).toUpperCase() };
}

/** As the platform sends it. */
export function form(fields: Fields): string {
  return new URLSearchParams(fields).toString();
}

/** Posts a form, be it well formed or not. */
export function postForm(url: string, body: Fields | string | Buffer): Promise<SeenReply> {
  const bytes = typeof body === 'string' || Buffer.isBuffer(body) ? body : form(body);
  return send(url, { headers: { 'content-type': FORM }, body: bytes });
}

/** Posts a JSON text. */
export function postJson(url: string, value: unknown): Promise<SeenReply> {
  return send(url, { headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(value) });
}

import type { Fields } from 'nestjs-wanpay/protocol';

/** Where hosts receive notifications. */
export const NOTIFICATION_PATH = '/wanpay/notifications';

/** The bytes of a form post to the notification path. */
export function formPost(fields: Fields): Buffer {
  const body = new URLSearchParams(fields).toString();
  return Buffer.from(
    [
      `POST ${NOTIFICATION_PATH} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Content-Type: application/x-www-form-urlencoded; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

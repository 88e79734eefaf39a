import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type IncomingNotification, MAX_NOTIFICATION_BYTES, readBody } from './body.js';

const FORM = 'application/x-www-form-urlencoded';

/** A request whose body nobody has read. */
function unread(type: string | undefined, ...chunks: (string | Buffer)[]): IncomingNotification & Readable {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, { headers: type === undefined ? {} : { 'content-type': type } });
}

function refused(reason: string): object {
  return { name: 'NotificationRefusedError', reason, httpStatus: reason === 'too_large' ? 413 : 400 };
}

describe('a body that the host parsed', () => {
  it.each([{ orgno: '1265' }, {}, [], 'text', null, '', 0])('is taken as it is: %j', async (body) => {
    expect(await readBody({ headers: {}, body })).toBe(body);
  });

  it('is refused when it was declared too large', async () => {
    const headers = { 'content-length': String(MAX_NOTIFICATION_BYTES + 1) };
    await expect(readBody({ headers, body: { orgno: '1265' } })).rejects.toMatchObject(refused('too_large'));
  });

  it('is taken when it was declared to be as large as it may', async () => {
    const headers = { 'content-length': String(MAX_NOTIFICATION_BYTES) };
    expect(await readBody({ headers, body: { orgno: '1265' } })).toStrictEqual({ orgno: '1265' });
  });

  it('is refused when it is too large and declared no length', async () => {
    const body = { orgno: '1265', result: '中'.repeat(MAX_NOTIFICATION_BYTES / 3) };
    await expect(readBody({ headers: {}, body })).rejects.toMatchObject(refused('too_large'));
  });

  it.each(['iso-8859-1', 'big5', '"utf-16le"'])('is refused when it was declared to be in %s', async (charset) => {
    const headers = { 'content-type': `${FORM}; charset=${charset}` };
    await expect(readBody({ headers, body: { orgno: '1265' } })).rejects.toMatchObject(refused('malformed'));
  });

  it('is preferred to a stream', async () => {
    const request = Object.assign(unread(FORM, 'orgno=1'), { body: { orgno: '2' } });
    expect(await readBody(request)).toStrictEqual({ orgno: '2' });
  });
});

describe('a body that nobody parsed', () => {
  it.each([
    FORM,
    `${FORM}; charset=utf-8`,
    `${FORM};charset=UTF-8`,
    `${FORM}; charset="utf8"`,
    'Application/X-WWW-Form-URLEncoded',
    ` ${FORM} `,
  ])('is read as a form when it is %j', async (type) => {
    expect(await readBody(unread(type, 'orgno=1265&result=%E6%88%90%E5%8A%9F+!&bankno='))).toStrictEqual({
      orgno: '1265',
      result: '成功 !',
      bankno: '',
    });
  });

  it.each(['application/json', 'application/json; charset=utf-8'])('is read as JSON when it is %j', async (type) => {
    expect(await readBody(unread(type, '{"orgno":"1265","total_fee":1280}'))).toStrictEqual({
      orgno: '1265',
      total_fee: 1280,
    });
  });

  it('shows a repeated field as a list, so that it can be refused', async () => {
    expect(await readBody(unread(FORM, 'a=1&b=2&a=3&a=4'))).toStrictEqual({ a: ['1', '3', '4'], b: '2' });
  });

  it('shows a field named __proto__ as a field, so that it can be refused', async () => {
    const body = await readBody(unread(FORM, '__proto__=1&a=2'));
    expect(JSON.stringify(body)).toBe('{"__proto__":"1","a":"2"}');
  });

  it('is put together wherever it was cut, also within a character', async () => {
    const bytes = Buffer.from('{"result":"旺沛😀"}');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length })), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
        expect(await readBody(unread('application/json', ...chunks))).toStrictEqual({ result: '旺沛😀' });
      }),
      { numRuns: 50 },
    );
  });

  it('is refused when it is too large, whatever was declared', async () => {
    const half = 'a'.repeat(MAX_NOTIFICATION_BYTES / 2);
    const request = Object.assign(unread(FORM, half, half, 'a'), { headers: { 'content-length': '3' } });
    await expect(readBody(request)).rejects.toMatchObject(refused('too_large'));
  });

  it('is refused before it is read when it was declared too large', async () => {
    const request = Object.assign(unread(FORM, 'orgno=1'), { headers: { 'content-length': '999999' } });
    await expect(readBody(request)).rejects.toMatchObject(refused('too_large'));
    expect(request.readableDidRead).toBe(false);
  });

  it('is read when it is as large as it may be', async () => {
    const text = `a=${'b'.repeat(MAX_NOTIFICATION_BYTES - 2)}`;
    expect(await readBody(unread(FORM, text))).toStrictEqual({ a: text.slice(2) });
  });

  it.each([
    ['no type', undefined, 'orgno=1265'],
    ['another type', 'text/plain', 'orgno=1265'],
    ['a type that only begins like a form', `${FORM}-x`, 'orgno=1265'],
    ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
    ['JSON that breaks off', 'application/json', '{"orgno":'],
    ['no JSON at all', 'application/json', ''],
  ])('is refused with %s', async (_, type, text) => {
    await expect(readBody(unread(type, text))).rejects.toMatchObject(refused('malformed'));
  });

  it('is refused when its bytes are not UTF-8', async () => {
    await expect(readBody(unread(FORM, Buffer.from('a=\xE9', 'latin1')))).rejects.toMatchObject(refused('malformed'));
  });

  it('is refused when the stream gives text in place of bytes', async () => {
    const request = Object.assign(Readable.from(['orgno=1265']), { headers: { 'content-type': FORM } });
    await expect(readBody(request)).rejects.toMatchObject(refused('malformed'));
  });

  it('is refused when there is none, or somebody has read it already', async () => {
    await expect(readBody({ headers: {} })).rejects.toMatchObject(refused('malformed'));
    const request = unread(FORM, 'orgno=1265');
    await request.resume().toArray();
    await expect(readBody(request)).rejects.toMatchObject(refused('malformed'));
  });

  it('is refused with a message that quotes nothing of it', async () => {
    await expect(readBody(unread('application/json', '{"sign":SECRET'))).rejects.toMatchObject({
      message: expect.not.stringContaining('SECRET'),
    });
  });
});

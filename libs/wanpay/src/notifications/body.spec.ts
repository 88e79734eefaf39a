import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { MAX_NOTIFICATION_BYTES, parseBody, parseLeftBody } from './body.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const MULTIPART = 'multipart/form-data; boundary=x';

function parse(type: string | undefined, body: string | Buffer, more: object = {}): Promise<unknown> {
  const headers = { ...(type === undefined ? {} : { 'content-type': type }), ...more };
  return Promise.resolve().then(() => parseBody(Buffer.from(body), headers));
}

function refused(reason: string): object {
  return { name: 'NotificationRefusedError', reason, httpStatus: reason === 'too_large' ? 413 : 400 };
}

function part(name: string, value: string, header = ''): string {
  return `--x\r\nContent-Disposition: form-data; name="${name}"\r\n${header}\r\n${value}\r\n`;
}

describe('a body', () => {
  it.each([
    FORM,
    `${FORM}; charset=utf-8`,
    `${FORM};charset=UTF-8`,
    `${FORM}; charset="utf8"`,
    `${FORM}; charset='utf-8'`,
    `${FORM}; charset=utf8; x=y`,
    'Application/X-WWW-Form-URLEncoded',
    ` ${FORM} `,
    'text/plain',
    'text/plain; charset=utf8',
    'application/octet-stream',
    '',
    undefined,
  ])('is read as a form when its type is %j', async (type) => {
    expect(await parse(type, 'orgno=1265&result=%E6%88%90%E5%8A%9F+!&bankno=')).toStrictEqual({
      orgno: '1265',
      result: '成功 !',
      bankno: '',
    });
  });

  it.each([JSON_TYPE, `${JSON_TYPE}; charset=utf8`, 'text/json', 'application/problem+json', 'text/plain', undefined])(
    'is read as JSON, with its numbers as they are written, when its type is %j',
    async (type) => {
      const text = ' {"orgno":"1265","total_fee":1280.00,"acctno":0123456789012345,"n":null}'.replace(':0123', ':9123');
      expect(await parse(type, text)).toStrictEqual({
        orgno: '1265',
        total_fee: '1280.00',
        acctno: '9123456789012345',
        n: null,
      });
    },
  );

  it.each([
    ['as it should be', `${part('a', '1')}${part('b', '成功 !')}--x--\r\n`],
    ['without a line end after it', `${part('a', '1')}${part('b', '成功 !')}--x--`],
    [
      'as a Java client writes it',
      `${part('a', '1', 'Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n')}${part('b', '成功 !')}--x--\r\n`,
    ],
    ['with something before and after it', `before\r\n${part('a', '1')}${part('b', '成功 !')}--x--\r\nafter`],
    ['with names that are not quoted', `${part('a', '1')}${part('b', '成功 !')}--x--`.replace('"a"', 'a')],
  ])('is read as a multipart form %s', async (_, body) => {
    expect(await parse(MULTIPART, body)).toStrictEqual({ a: '1', b: '成功 !' });
    expect(await parse('multipart/form-data; charset=utf-8; boundary="x"', body)).toStrictEqual({
      a: '1',
      b: '成功 !',
    });
  });

  it('is told for a multipart form by its content, where its type does not tell', async () => {
    expect(await parse(undefined, `${part('a', '1')}--x--\r\n`)).toStrictEqual({ a: '1' });
  });

  it('shows a repeated field of a multipart form as a list, so that it can be refused', async () => {
    expect(await parse(MULTIPART, `${part('a', '1')}${part('a', '2')}--x--`)).toStrictEqual({ a: ['1', '2'] });
  });

  it('is read without its byte order mark', async () => {
    expect(await parse(FORM, '\uFEFForgno=1')).toStrictEqual({ orgno: '1' });
    expect(await parse(JSON_TYPE, '\uFEFF{"orgno":"1"}')).toStrictEqual({ orgno: '1' });
  });

  it('is unpacked, up to the limit', async () => {
    const packed = { 'content-encoding': 'gzip' };
    expect(await parse(FORM, gzipSync('orgno=1'), packed)).toStrictEqual({ orgno: '1' });
    expect(await parse(FORM, gzipSync('orgno=1'), { 'content-encoding': 'GZip' })).toStrictEqual({ orgno: '1' });
    await expect(parse(FORM, gzipSync('a'.repeat(MAX_NOTIFICATION_BYTES + 1)), packed)).rejects.toMatchObject(
      refused('too_large'),
    );
    await expect(parse(FORM, 'orgno=1', packed)).rejects.toMatchObject(refused('malformed'));
    await expect(parse(FORM, 'orgno=1', { 'content-encoding': 'zip' })).rejects.toMatchObject(refused('malformed'));
  });

  it.each([
    ['another type', 'application/xml', '<orgno>1265</orgno>'],
    ['a type that only begins like a form', `${FORM}-x`, 'orgno=1265'],
    ['a multipart form without a boundary', 'multipart/form-data', `${part('a', '1')}--x--`],
    ['a multipart form that breaks off', MULTIPART, part('a', '1')],
    ['a multipart form with a file', MULTIPART, `${part('a', '1').replace('"a"', '"a"; filename="a.txt"')}--x--`],
    ['a file that breaks off', MULTIPART, part('a', '1').replace('"a"', '"a"; filename="a.txt"').trimEnd()],
    ['JSON that breaks off', JSON_TYPE, '{"orgno":'],
    ['no JSON at all', JSON_TYPE, ''],
    ['JSON without a type that breaks off', undefined, '{"orgno":'],
    ...['iso-8859-1', 'big5', '"utf-16le"'].map(
      (charset) => [charset, `${FORM}; charset=${charset}`, 'orgno=1265'] as const,
    ),
  ])('is refused with %s', async (_, type, text) => {
    await expect(parse(type, text)).rejects.toMatchObject(refused('malformed'));
  });

  it.each([FORM, JSON_TYPE, MULTIPART, undefined])('is refused when its bytes are not UTF-8: %s', async (type) => {
    await expect(parse(type, Buffer.from('a=\xE9', 'latin1'))).rejects.toMatchObject(refused('malformed'));
  });

  it('takes a multipart form of empty parts, each of which costs as much as a whole one, less than ten times as long', async () => {
    const ofSize = (unit: string): Buffer => Buffer.from(unit.repeat(16_000 / unit.length));
    const timed = async (body: Buffer): Promise<number> => {
      const before = performance.now();
      await parse(MULTIPART, body).catch(() => undefined);
      return performance.now() - before;
    };
    let [whole, empty] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    // The least of several runs in turn, since others run meanwhile.
    for (let round = 0; round < 25; round += 1) {
      whole = Math.min(whole, await timed(ofSize(part('a', '1'))));
      empty = Math.min(empty, await timed(ofSize('--x\r\n\r\n\r\n')));
    }
    // It takes five times as long where both are warm, and 22 times as long without the limit.
    expect(empty / whole).toBeLessThan(10);
  });

  it('is refused with a message that quotes nothing of it', async () => {
    await expect(parse(JSON_TYPE, '{"sign":SECRET')).rejects.toMatchObject({
      message: expect.not.stringContaining('SECRET'),
    });
  });
});

describe('a body that the host read first', () => {
  const form = { 'content-type': FORM };

  function parseLeft(left: object, headers: Record<string, string> = form): Promise<unknown> {
    return Promise.resolve().then(() => parseLeftBody(left, headers));
  }

  it.each<[string, object]>([
    ['fields', { body: { orgno: '1' } }],
    ['bytes', { body: Buffer.from('orgno=1') }],
    ['an array of bytes', { body: new TextEncoder().encode('orgno=1') }],
    ['text', { body: 'orgno=1' }],
    ['bytes beside what was parsed', { rawBody: Buffer.from('orgno=1'), body: { parsed: 'otherwise' } }],
    ['bytes beside nothing', { rawBody: Buffer.from('orgno=1'), body: {} }],
  ])('is taken where it left %s', async (_, left) => {
    expect(await parseLeft(left)).toStrictEqual({ orgno: '1' });
  });

  it('is not unpacked again', async () => {
    expect(await parseLeft({ rawBody: Buffer.from('orgno=1') }, { ...form, 'content-encoding': 'gzip' })).toStrictEqual(
      { orgno: '1' },
    );
  });

  it.each([undefined, null, {}, []])('is refused where it left %j', async (body) => {
    await expect(parseLeft({ body })).rejects.toMatchObject(refused('malformed'));
  });

  it('is refused when it was declared too large', async () => {
    const headers = { ...form, 'content-length': String(MAX_NOTIFICATION_BYTES + 1) };
    await expect(parseLeft({ body: { orgno: '1' } }, headers)).rejects.toMatchObject(refused('too_large'));
    const atLimit = { ...form, 'content-length': String(MAX_NOTIFICATION_BYTES) };
    expect(await parseLeft({ body: { orgno: '1' } }, atLimit)).toStrictEqual({ orgno: '1' });
  });

  it('is refused when it is too large and declared no length', async () => {
    const fields = { orgno: '1265', result: '中'.repeat(MAX_NOTIFICATION_BYTES / 3) };
    await expect(parseLeft({ body: fields })).rejects.toMatchObject(refused('too_large'));
    await expect(parseLeft({ body: Buffer.alloc(MAX_NOTIFICATION_BYTES + 1) })).rejects.toMatchObject(
      refused('too_large'),
    );
  });

  it.each(['iso-8859-1', 'big5'])('is refused when it was declared to be in %s', async (charset) => {
    const headers = { 'content-type': `${FORM}; charset=${charset}` };
    await expect(parseLeft({ body: { orgno: '1' } }, headers)).rejects.toMatchObject(refused('malformed'));
  });
});

import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { PLATFORM_CODES, WanPayError } from '../protocol/index.js';
import {
  MalformedReplyError,
  PlatformError,
  PlatformRefusedError,
  PlatformUnreachableError,
  ReplySignatureError,
  ResultUnknownError,
  UnknownMerchantError,
} from './errors.js';

const SECRET = 'QGbZvggxNdGgMUnp';
/** What an HTTP client hangs on its errors: the request with its signature, and the proxy with its password. */
const CAUSE = Object.assign(new Error(`connect to http://user:${SECRET}@10.0.0.5 failed`), {
  code: 'ECONNREFUSED',
  config: { data: `sign=${SECRET}`, proxy: { auth: { password: SECRET } } },
});

describe('an error of the platform', () => {
  it.each([
    ['platform_unreachable', false, new PlatformUnreachableError(CAUSE)],
    ['result_unknown', true, new ResultUnknownError('HTTP 502', CAUSE)],
    ['malformed_reply', true, new MalformedReplyError('it is not JSON.', CAUSE)],
    ['bad_reply_signature', true, new ReplySignatureError()],
  ])('is %s, and may have acted: %s', (code, mayHaveActed, error) => {
    expect(error).toBeInstanceOf(PlatformError);
    expect(error).toBeInstanceOf(WanPayError);
    expect(error).toMatchObject({ code, mayHaveActed, name: error.constructor.name });
  });

  it.each([
    new PlatformUnreachableError(CAUSE),
    new ResultUnknownError('HTTP 502', CAUSE),
    new MalformedReplyError('it is not JSON.', CAUSE),
  ])('repeats nothing of its cause’s message, and keeps of the cause what may be told: $code', (error) => {
    expect(error.message).not.toContain(SECRET);
    expect(error.message).not.toContain('10.0.0.5');
    expect(error.cause).toMatchObject({ message: 'connect to http://…@10.0.0.5 failed', code: 'ECONNREFUSED' });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET);
  });

  it('names the cause by its code, or else by its kind', () => {
    expect(new PlatformUnreachableError(CAUSE).message).toContain('(ECONNREFUSED)');
    expect(new PlatformUnreachableError(new TypeError(SECRET)).message).toContain('(TypeError)');
  });

  it('has no cause when there was none', () => {
    expect(new ResultUnknownError('HTTP 502')).not.toHaveProperty('cause');
    expect(new MalformedReplyError('it is not JSON.')).not.toHaveProperty('cause');
  });
});

describe('a refusal', () => {
  it.each(PLATFORM_CODES)('with $code of the table says what the code means: $en', (row) => {
    const error = new PlatformRefusedError(row.code, row.interface ?? 'order', '');
    expect(error).toMatchObject({
      code: 'platform_refused',
      platformCode: row.code,
      mayHaveActed: row.mayHaveActed,
      retryable: row.retryable,
      message: `WanPay refused with ${row.code}: ${row.en} (${row.zh}).`,
    });
  });

  it('is careful about a code that nobody lists', () => {
    expect(new PlatformRefusedError('777', 'order', '')).toMatchObject({
      mayHaveActed: true,
      retryable: false,
      message: 'WanPay refused with 777: a code that the protocol does not list.',
    });
  });

  it('adds what the platform says, unless it says no more than the table', () => {
    expect(new PlatformRefusedError('910', 'order', 'total_fee too small').message).toMatch(
      /It says: total_fee too small$/,
    );
    expect(new PlatformRefusedError('910', 'order', '參數錯誤').message).not.toContain('It says');
  });

  it('means by 5223 what the interface means that returned it', () => {
    expect(new PlatformRefusedError('5223', 'query', '')).toMatchObject({ mayHaveActed: false });
    expect(new PlatformRefusedError('5223', 'order', '')).toMatchObject({ mayHaveActed: true });
  });
});

describe('an unknown merchant', () => {
  it('is no error of the platform', () => {
    expect(new UnknownMerchantError('1265')).not.toBeInstanceOf(PlatformError);
  });
});

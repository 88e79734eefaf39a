import { hash } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Merchant, MerchantRegistry } from '../platform/merchants.js';
import { type Clock, type Fields, sign, signingString, signNotification } from '../protocol/index.js';
import { NotificationRefusedError } from './errors.js';
import { SourceList } from './source-list.js';
import { NotificationVerifier, type VerifiedNotification } from './verifier.js';

const KEY = 'QGbZvggxNdGgMUnp';
const OLD_KEY = 'n12bQ9Ew1_2342X4rEcO';
const MERCHANT: Merchant = { merchantNo: '21008024', keys: [KEY, OLD_KEY] };
const SIGNED_AT = 1_658_400_000;
const WINDOW_SECONDS = 660;
const SOURCE = '192.0.2.1';

/** What an empty key would sign, which is none. */
function signedWithoutKey(fields: Fields): Fields {
  return { ...fields, sign: hash('md5', signingString(fields)).toUpperCase() };
}

const FIELDS: Fields = {
  orgno: '21008024',
  secondtimestamp: String(SIGNED_AT),
  nonce_str: '71669965',
  out_trade_no: 'A1',
  status: '0000',
  result: '支付成功',
  total_fee: '1280',
  orderdate: '2022-07-21 18:40:00',
  bankno: '822',
  acctno: '0004123456789012',
};

function clockAt(ms: number): Clock {
  return { now: () => new Date(ms), after: () => () => undefined };
}

function setUp({ nowMs = SIGNED_AT * 1000, sources = [] }: { nowMs?: number; sources?: string[] } = {}): {
  verifier: NotificationVerifier;
  find: jest.Mock<MerchantRegistry['find']>;
} {
  const find = jest.fn<MerchantRegistry['find']>((no) => (no === MERCHANT.merchantNo ? MERCHANT : undefined));
  const settings = { timestampWindowSeconds: WINDOW_SECONDS, sources: new SourceList(sources) };
  return { verifier: new NotificationVerifier({ find }, clockAt(nowMs), settings), find };
}

/** Whether it is verified at once or later is the registry's affair. */
async function verified(verifier: NotificationVerifier, fields: unknown): Promise<VerifiedNotification> {
  return verifier.verify(fields);
}

async function refusal(fields: unknown, { verifier } = setUp()): Promise<string> {
  const error: unknown = await verified(verifier, fields).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof NotificationRefusedError ? error.reason : `not refused: ${String(error)}`;
}

describe('a notification that holds', () => {
  it('is read', async () => {
    const { verifier } = setUp();
    expect(await verifier.verify(signNotification(FIELDS, KEY))).toStrictEqual({
      timely: true,
      notification: {
        merchantNo: '21008024',
        orderNo: 'A1',
        timestamp: new Date(SIGNED_AT * 1000),
        outcome: {
          status: 'paid',
          code: '0000',
          reportedAmount: '1280',
          payer: { bankCode: '822', account: '0004123456789012' },
          transactedAt: new Date('2022-07-21T10:40:00Z'),
        },
        message: '支付成功',
      },
    });
  });

  it('holds under any of the merchant’s keys', async () => {
    expect(await setUp().verifier.verify(signNotification(FIELDS, OLD_KEY))).toMatchObject({ timely: true });
  });

  it('holds with fields that nobody has heard of, empty ones among them', async () => {
    const fields = { ...FIELDS, trxtoken: '', extension: '中文 100% = a & b' };
    expect(await setUp().verifier.verify(signNotification(fields, KEY))).toMatchObject({ timely: true });
  });

  it('holds as JSON with its amount as a number', async () => {
    const fields = { ...signNotification(FIELDS, KEY), total_fee: 1280, trxtoken: null };
    expect(await setUp().verifier.verify(fields)).toMatchObject({ timely: true });
  });

  it('waits for a registry that has to ask a database', async () => {
    const { verifier, find } = setUp();
    find.mockImplementation(() => Promise.resolve(MERCHANT));
    expect(await verifier.verify(signNotification(FIELDS, KEY))).toMatchObject({ timely: true });
  });
});

describe('the checks, cheapest first', () => {
  const { sign: _sign, ...unsigned } = FIELDS;
  const badlySigned = { ...unsigned, sign: '0'.repeat(32) };

  it.each([
    ['no body', undefined],
    ['text', 'orgno=21008024'],
    ['a list', [FIELDS]],
    ['no order number', signNotification({ ...FIELDS, out_trade_no: '' }, KEY)],
    ['no status', signNotification({ ...FIELDS, status: '' }, KEY)],
    ['no merchant', signNotification({ ...FIELDS, orgno: '' }, KEY)],
    ['an order number with a NUL', signNotification({ ...FIELDS, out_trade_no: 'A1\0' }, KEY)],
    ['an order number that is too long', signNotification({ ...FIELDS, out_trade_no: 'A'.repeat(101) }, KEY)],
    ['a timestamp in words', signNotification({ ...FIELDS, secondtimestamp: 'now' }, KEY)],
    ['a repeated field', { ...signNotification(FIELDS, KEY), status: ['0000', '0000'] }],
    ['a nested field', { ...signNotification(FIELDS, KEY), result: { text: '' } }],
    ['a field folded into another', { ...signNotification(FIELDS, KEY), result: 'x&status=0000' }],
    ['a field named __proto__', JSON.parse('{"__proto__":"x"}')],
  ])('look at the shape before they look for the merchant: %s', async (_, body: unknown) => {
    const { verifier, find } = setUp();
    expect(await refusal(body, { verifier, find })).toBe('malformed');
    expect(find).not.toHaveBeenCalled();
  });

  it('look for the merchant once, by the number that the notification names', async () => {
    const { verifier, find } = setUp();
    await verifier.verify(signNotification(FIELDS, KEY));
    expect(find.mock.calls).toStrictEqual([['21008024']]);
  });

  it('look for the merchant before they look at the signature', async () => {
    expect(await refusal({ ...badlySigned, orgno: '1265' })).toBe('unknown_merchant');
  });

  it('look at the signature before they look at the time', async () => {
    expect(await refusal(badlySigned, setUp({ nowMs: 0 }))).toBe('bad_signature');
  });

  it('admit a source that is on the list, and no other', () => {
    const { verifier } = setUp({ sources: ['192.0.2.0/24'] });
    expect(verifier.admits(SOURCE)).toBe(true);
    expect(verifier.admits('203.0.113.9')).toBe(false);
    expect(verifier.admits(undefined)).toBe(false);
  });

  it.each([
    ['The merchant is not known', { ...badlySigned, orgno: '1265' }],
    ['The signature is wrong', badlySigned],
    ['out_trade_no is too long', signNotification({ ...FIELDS, out_trade_no: 'A'.repeat(101) }, KEY)],
  ])('say what is wrong: %s', async (message, body) => {
    await expect(verified(setUp().verifier, body)).rejects.toThrow(message);
  });

  it('do not blame the sender for a failure while the body is read', async () => {
    const body = Object.defineProperty({}, 'status', {
      enumerable: true,
      get: () => {
        throw new Error('broken parser');
      },
    });
    expect(await refusal(body)).toBe('not refused: Error: broken parser');
  });

  it('do not blame the sender when the registry fails', async () => {
    const { verifier, find } = setUp();
    find.mockImplementation(() => Promise.reject(new Error('database down')));
    await expect(verified(verifier, signNotification(FIELDS, KEY))).rejects.toThrow('database down');
  });

  it('believe nobody when a merchant has no keys', async () => {
    const { verifier, find } = setUp();
    find.mockReturnValue({ merchantNo: '21008024', keys: [] });
    const fields = signedWithoutKey(FIELDS);
    await expect(verified(verifier, fields)).rejects.toMatchObject({ reason: 'bad_signature' });
  });
});

describe('the window', () => {
  const edge = WINDOW_SECONDS * 1000;

  it.each([
    [-edge - 1, false],
    [-edge, true],
    [0, true],
    [edge, true],
    [edge + 1, false],
  ])('finds a notification %d ms after its timestamp timely: %s', async (ms, timely) => {
    const { verifier } = setUp({ nowMs: SIGNED_AT * 1000 + ms });
    expect(await verifier.verify(signNotification(FIELDS, KEY))).toMatchObject({ timely });
  });
});

describe('authenticate, for the payer’s browser', () => {
  it('minds neither the time nor the source', async () => {
    const { verifier } = setUp({ nowMs: 0, sources: ['203.0.113.9'] });
    expect(await verifier.authenticate(signNotification(FIELDS, KEY))).toMatchObject({ orderNo: 'A1' });
  });

  it('minds the signature', async () => {
    const { verifier } = setUp();
    const forged = { ...signNotification(FIELDS, KEY), status: '5805' };
    await expect((async () => verifier.authenticate(forged))()).rejects.toMatchObject({
      reason: 'bad_signature',
      httpStatus: 401,
    });
  });
});

describe('a signed notification that was tampered with', () => {
  const NAMES = Object.keys(FIELDS);
  const name = fc.constantFrom(...NAMES);
  const value = fc.string({ unit: fc.constantFrom('0', '1', '9', 'A', '中', '=', ' '), minLength: 1, maxLength: 6 });

  type Tamper = (fields: Fields) => Record<string, string>;
  const without = (fields: Fields, dropped: string): Record<string, string> =>
    Object.fromEntries(Object.entries(fields).filter(([each]) => each !== dropped));

  const tamper: fc.Arbitrary<Tamper> = fc.oneof(
    fc.tuple(name, value).map(([n, v]) => (fields: Fields) => ({ ...fields, [n]: v })),
    fc.tuple(name, value).map(([n, v]) => (fields: Fields) => ({ ...fields, [n]: (fields[n] ?? '') + v })),
    name.map((n) => (fields: Fields) => ({ ...fields, [n]: (fields[n] ?? '').slice(0, -1) })),
    name.map((n) => (fields: Fields) => without(fields, n)),
    fc
      .tuple(name, name)
      .map(([a, b]) => (fields: Fields) => ({ ...fields, [a]: fields[b] ?? '', [b]: fields[a] ?? '' })),
    fc.tuple(name, value).map(([n, v]) => (fields: Fields) => ({ ...fields, [`${n}x`]: v })),
    fc
      .tuple(name, fc.constantFrom('a', 'key', 'zz', 'Sign', 'total_fee '))
      .map(([n, to]) => (fields: Fields) => ({ ...without(fields, n), [to]: fields[n] ?? '' })),
    // Folding: the string that is signed stays the same, and two fields become one.
    fc.integer({ min: 0, max: NAMES.length - 2 }).map((i) => (fields: Fields) => {
      const [first = '', second = ''] = [...NAMES].sort().slice(i, i + 2);
      return { ...without(fields, second), [first]: `${fields[first] ?? ''}&${second}=${fields[second] ?? ''}` };
    }),
    fc.stringMatching(/^[0-9A-Fa-f]{0,33}$/).map((text) => (fields: Fields) => ({ ...fields, sign: text })),
    fc.constant((fields: Fields) => ({ ...fields, sign: (fields.sign ?? '').toLowerCase() })),
    fc.constant((fields: Fields) => without(fields, 'sign')),
    fc.constant((fields: Fields) => ({ ...signedWithoutKey(fields) })),
    fc.stringMatching(/^[0-9A-Za-z]{1,16}$/).map((key) => (fields: Fields) => ({ ...fields, sign: sign(fields, key) })),
  );

  it('is refused', async () => {
    const parts = setUp();
    await fc.assert(
      fc.asyncProperty(fc.array(tamper, { minLength: 1, maxLength: 3 }), async (tampers) => {
        const original = signNotification(FIELDS, KEY);
        const forged = tampers.reduce<Fields>((fields, change) => change(fields), original);
        const shown = (fields: Fields): string =>
          JSON.stringify(
            Object.entries(fields)
              .filter(([, v]) => v)
              .sort(),
          );
        fc.pre(shown(forged) !== shown(original));
        expect(['malformed', 'unknown_merchant', 'bad_signature']).toContain(await refusal(forged, parts));
      }),
      { numRuns: 1000 },
    );
  });
});

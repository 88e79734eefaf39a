import { gzipSync } from 'node:zlib';
import { Host, type HostMake, nameOf } from './host.js';
import { Judge } from './judge.js';
import { signatureOf } from './signature.js';
import { FORM } from './steps/forms.js';
import { JSON_TYPE } from './steps/json.js';
import { TARGET } from './steps/request.js';
import { Wire } from './wire.js';
import { orderOf, type Pair, paidFields } from './world.js';

/** What a body of the worst kind costs. */
export interface Growth {
  readonly name: string;
  /** Nanoseconds for each byte of a body of half the size that is allowed, and of the full size. */
  readonly half: number;
  readonly full: number;
  /** What a body of the full size takes, the way there and back included. */
  readonly milliseconds: number;
  readonly isLinear: boolean;
}

interface Kind {
  readonly type?: string;
  readonly encoding?: string;
  /** Makes a body of about this size, which a gzipped one has when it is unpacked. */
  readonly make: (size: number) => Buffer;
}

const FULL = 16 * 1024;
/** What repeats does not always come out even. */
const ALMOST_FULL = FULL - 200;
/** Twice, where the time grows with the square of the length. */
const MOST_GROWTH = 1.6;
/** Below this, what is measured is the way there and back. */
const NOTICEABLE_MS = 2;
const RUNS = 4;
/** How often a growth must be seen. */
const TRIES = 4;
const NANOSECONDS_PER_MS = 1e6;
const MULTIPART = 'multipart/form-data; boundary=x';

const KINDS: Readonly<Record<string, Kind>> = {
  ...repeated(FORM, ['&', '=', 'a&', 'a=&', 'a=1&', '%', '%FF&', '%41', '+', 'a[b]=1&', ';', '\0']),
  ...repeated(JSON_TYPE, ['[', '{"a":', '"', '{"a":1,', '\\', ' ', '1', '-', '{"a":"\\u0061"}']),
  ...repeated(MULTIPART, [
    '--x\r\n',
    '--x\r\n\r\n\r\n',
    '\r\n--',
    '-',
    '\r\n',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
  ]),
  ...repeated(undefined, ['orgno"', 'orgno"\r\na\r\n', 'orgno=', '--a\n', ' ', '{', 'out_trade_no" :']),
  'JSON of many names': { type: JSON_TYPE, make: (size) => Buffer.from(`{${names(size, (i) => `"n${i}":"1"`, ',')}}`) },
  'a form of many names': { type: FORM, make: (size) => Buffer.from(names(size, (i) => `n${i}=1`, '&')) },
  'a gzipped form': { type: FORM, encoding: 'gzip', make: (size) => gzipSync('a=&'.repeat(size / 3)) },
  ...signedWith('result', ['x', '\u001b', '中', '&', '& ', '=', ' ', 'A1']),
  ...signedWith('total_fee', ['0', '1,', ' ', '1', '.', '1,000,']),
  ...signedWith('orderdate', [' ', '0', '2026-03-02 ', '-']),
  ...signedWith('status', ['0', ' ', '\u0001']),
  ...signedWith('acctno', ['1', '\0', ' ']),
  ...signedWith('bankno', ['1']),
};

/** Measures the worst kinds of bodies, on hosts of each kind: how their registry answers makes no difference. */
export async function measureGrowth(makes: readonly HostMake[]): Promise<readonly Growth[]> {
  const worst = new Map<string, Growth>();
  for (const make of makes) {
    if (make.registry === 'async') continue;
    const host = await Host.start(make, new Judge());
    const wire = new Wire(host.port);
    for (const [kind, { type, encoding, make: body }] of Object.entries(KINDS)) {
      const requestOfSize = (size: number): Buffer => requestOf(body(size), type, encoding);
      const name = `${kind}, ${nameOf(make)}`;
      let growth = await measure(name, wire, requestOfSize);
      // Something else may have run meanwhile.
      for (let tries = 1; !growth.isLinear && tries < TRIES; tries += 1)
        growth = await measure(name, wire, requestOfSize);
      const before = worst.get(kind);
      if (!before || (before.isLinear && before.milliseconds < growth.milliseconds)) worst.set(kind, growth);
    }
    wire.close();
    await host.close();
  }
  return [...worst.values()].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 12);
}

async function measure(name: string, wire: Wire, requestOfSize: (size: number) => Buffer): Promise<Growth> {
  const perByte = async (size: number): Promise<number> => (await least(wire, requestOfSize(size))) / size;
  const half = await perByte(FULL / 2);
  const full = await perByte(ALMOST_FULL);
  const milliseconds = full * ALMOST_FULL;
  const isLinear = milliseconds < NOTICEABLE_MS || full / half < MOST_GROWTH;
  return { name, half: half * NANOSECONDS_PER_MS, full: full * NANOSECONDS_PER_MS, milliseconds, isLinear };
}

/** The least time of several, in milliseconds: others run meanwhile. */
async function least(wire: Wire, request: Buffer): Promise<number> {
  let milliseconds = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run += 1) {
    const before = performance.now();
    await wire.send({ request, isAlone: false, hangsUp: false });
    milliseconds = Math.min(milliseconds, performance.now() - before);
  }
  return milliseconds;
}

function requestOf(body: Buffer, type: string | undefined, encoding: string | undefined): Buffer {
  const head = [
    `POST ${TARGET} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    ...(encoding === undefined ? [] : [`Content-Encoding: ${encoding}`]),
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

function repeated(type: string | undefined, units: readonly string[]): Record<string, Kind> {
  const kinds = units.map((unit): [string, Kind] => [
    `${type?.split(';')[0] ?? 'no type'} of ${JSON.stringify(unit)}`,
    {
      ...(type === undefined ? {} : { type }),
      make: (size) => Buffer.from(unit.repeat(size / Buffer.byteLength(unit))),
    },
  ]);
  return Object.fromEntries(kinds);
}

/** Notifications that are signed: what is behind the signature's check must be linear too. */
function signedWith(name: string, units: readonly string[]): Record<string, Kind> {
  const order = orderOf(0);
  const kinds = units.map((unit): [string, Kind] => [
    `signed ${name} of ${JSON.stringify(unit)}`,
    {
      type: 'text/plain',
      make: (size) => {
        const rest = paidFields(order).filter(([other]) => other !== name);
        const value = unit.repeat((size - 500) / Buffer.byteLength(JSON.stringify(unit).slice(1, -1)));
        const fields: Pair[] = [...rest, [name, `1${value}`]];
        const signature = signatureOf(fields, order.owner.keys[0]);
        return Buffer.from(JSON.stringify(Object.fromEntries([...fields, ['sign', signature]])));
      },
    },
  ]);
  return Object.fromEntries(kinds);
}

function names(size: number, write: (i: number) => string, separator: string): string {
  const parts: string[] = [];
  for (let i = 0, length = 2; ; i += 1) {
    const part = write(i);
    length += part.length + separator.length;
    if (length > size) return parts.join(separator);
    parts.push(part);
  }
}

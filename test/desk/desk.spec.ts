import {
  Controller,
  type CanActivate,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  VersioningType,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WanPayDeskConfigurationError, WanPayDeskModule, type WanPayDeskOptions } from 'nestjs-wanpay-desk';
import { startWanPayEmulator, type WanPayEmulator } from 'wanpay-emulator';
import { Ledger } from 'nestjs-wanpay/ledger';
import { mysql } from 'nestjs-wanpay/mysql';
import { postgres } from 'nestjs-wanpay/postgres';
import { createMariaDbDatabase } from '../servers/shared-mariadb.js';
import { createDatabase } from '../servers/shared-postgres.js';
import { afterTest } from '../e2e/after-test.js';
import { ADAPTERS, type Adapter, type Host, type HostPlan, startHost } from '../e2e/host.js';
import { notification, postForm } from '../e2e/notification.js';
import { until } from '../e2e/until.js';

/** What a guard depends on. */
@Injectable()
class Staff {
  readonly names = new Set(['mei']);
}

/** Who comes with a token may enter, and is called by it. */
@Injectable()
class TokenGuard implements CanActivate {
  constructor(private readonly staff: Staff) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    return this.staff.names.has(headers['x-staff'] ?? '');
  }
}

@Module({ providers: [Staff], exports: [Staff] })
class StaffModule {}

/** A route of the host's own, which the desk must leave alone. */
@Controller('echo')
class EchoController {
  @Get()
  echo(): string {
    return 'echo';
  }
}

const HOSTILE = `"><script>alert(1)</script>'&=+@{{7*7}}`;
const MORNING = new Date('2026-03-02T09:30:00+08:00');

describe('WanPayDeskModule', () => {
  it('is not mounted without a guard, unless it is told that none is needed', () => {
    for (const guards of [[], undefined, null, 'nobody', [undefined]] as never[]) {
      expect(() => WanPayDeskModule.forRoot({ guards })).toThrow(WanPayDeskConfigurationError);
      expect(() => WanPayDeskModule.forRootAsync({ guards, useFactory: () => ({}) })).toThrow(/guard/);
    }
    for (const publicPath of ['//example.com', 'https://example.com', 'desk', '/a"b'])
      expect(() => WanPayDeskModule.forRoot({ guards: 'none', publicPath })).toThrow(/publicPath/);
    expect(WanPayDeskModule.forRoot({ guards: 'none' }).module).toBe(WanPayDeskModule);
  });
});

describe.each(ADAPTERS)('the desk on %s', (adapter: Adapter) => {
  let emulator: WanPayEmulator;
  let host: Host;
  let base: string;
  const options: WanPayDeskOptions = {
    ...{ path: 'admin/payments', guards: [TokenGuard], imports: [StaffModule] },
    actor: ({ headers }: { headers: Record<string, string | undefined> }) => headers['x-staff'],
  };

  beforeEach(async () => {
    emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: MORNING } });
  });
  afterEach(() => emulator.close());

  async function start(desk = WanPayDeskModule.forRoot(options), plan: Partial<HostPlan> = {}): Promise<void> {
    const { imports: _imports, ...rest } = plan;
    host = await startHost(adapter, emulator, { delivery: { maxAttempts: 1 } }, { imports: [desk], ...rest });
    base = `${host.url}/admin/payments`;
  }

  function get(below: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${base}${below}`, { headers: { 'x-staff': 'mei', 'accept-language': 'en', ...headers } });
  }

  async function read(below: string): Promise<string> {
    const response = await get(below);
    expect({ below, status: response.status }).toEqual({ below, status: 200 });
    return response.text();
  }

  function post(
    below: string,
    fields: Record<string, string> | FormData,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${base}/${below}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'x-staff': 'mei', 'sec-fetch-site': 'same-origin', 'accept-language': 'en', ...headers },
      body: fields instanceof FormData ? fields : new URLSearchParams(fields),
    });
  }

  const order = (orderNo: string): Record<string, string> => ({
    merchant: emulator.merchant.merchantNo,
    order: orderNo,
  });
  const address = (orderNo: string): string => `/payment?${new URLSearchParams(order(orderNo))}`;
  const place = (orderNo: string, description?: string): Promise<unknown> =>
    host.wanpay.createPayment({ orderNo, amount: 1280, ...(description === undefined ? {} : { description }) });

  it('lets nobody in whom the guard refuses, and says nothing to other sites', async () => {
    await start();
    const strange = await get('', { 'x-staff': 'eve' });
    expect(strange.status).toBe(403);
    expect((await get('/assets/desk.css', { 'x-staff': 'eve' })).status).toBe(403);
    const page = await get('');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|\*|http/);
    await place('A1');
    for (const site of ['cross-site', 'same-site']) {
      const forged = await post('payment/note', { ...order('A1'), text: 'forged' }, { 'sec-fetch-site': site });
      expect(forged.status).toBe(403);
    }
    expect(await host.wanpay.getPaymentTimeline('A1')).not.toContainEqual(expect.objectContaining({ kind: 'action' }));
  });

  it('takes the host’s prefix, version and router into its addresses', async () => {
    await start(WanPayDeskModule.forRoot({ ...options, version: '3' }), {
      controllers: [EchoController],
      prepare: (app) => app.setGlobalPrefix('shop').enableVersioning({ type: VersioningType.URI }),
    });
    base = `${host.url}/shop/v3/admin/payments`;
    const html = await read('');
    const links = [...html.matchAll(/(?:href|action|src)="([^"#]*)"/g)].map(([, link = '']) =>
      link.replaceAll('&amp;', '&'),
    );
    expect(links.filter((link) => !link.startsWith('/shop/v3/admin/payments'))).toEqual([]);
    for (const link of links)
      expect([link, (await fetch(host.url + link, { headers: { 'x-staff': 'mei' } })).status]).toEqual([link, 200]);
    expect(await (await fetch(`${host.url}/shop/echo`)).text()).toBe('echo');
    await place('A1');
    const answer = await post('payment/note', { ...order('A1'), text: 'seen' });
    expect(answer.headers.get('location')).toBe(`/shop/v3/admin/payments${address('A1')}`);
  });

  it('is configured by a factory, and finds its instance by name', async () => {
    const desk = WanPayDeskModule.forRootAsync({
      ...{ path: 'admin/payments', guards: [TokenGuard], imports: [StaffModule], inject: [Staff] },
      useFactory: (staff: Staff) => ({
        ...{ actor: () => [...staff.names].join(), language: 'en' as const, publicPath: '/outer/desk/' },
      }),
    });
    await start(desk);
    await place('A1');
    const answer = await post('payment/note', { ...order('A1'), text: 'called twice' });
    expect(answer.headers.get('location')).toBe(`/outer/desk${address('A1')}`);
    expect(await read(address('A1'))).toMatch(/called twice/);
    expect(await host.wanpay.getPaymentTimeline('A1')).toContainEqual(
      expect.objectContaining({ kind: 'action', action: 'note', text: 'called twice', by: 'mei' }),
    );
    await expect(start(WanPayDeskModule.forRoot({ ...options, instance: 'tickets' }))).rejects.toThrow(
      /named 'tickets'/,
    );
  });

  it('shows what needs a person, until a person has dealt with it', async () => {
    await start();
    expect(await read('')).toContain('Nothing needs a person.');
    for (const orderNo of ['MISMATCH', 'TWICE', 'DEAD']) await place(orderNo);
    emulator.faults.arm({ kind: 'order-taken' }, { times: 1 });
    await expect(place('TAKEN')).rejects.toMatchObject({ code: 'order_number_taken' });
    await emulator.pay('MISMATCH', { amount: 12801 });
    await emulator.pay('TWICE');
    await emulator.pay('TWICE', { again: true, payerAccount: '1111111111' });
    host.handler.react = ({ orderNo }) => {
      if (orderNo === 'DEAD') throw new Error(HOSTILE);
    };
    await emulator.pay('DEAD');
    await emulator.pay('TAKEN');
    await until(
      async () => (await host.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1,
      'it is given up',
    );
    await until(
      async () => (await host.wanpay.listPayments({ needsReview: true })).payments.length === 3,
      'all are known',
    );
    const html = await read('');
    expect(html).toMatch(/id="needs-count"[^>]*><span class="count">4</);
    expect(html).toContain('NT$12,801');
    expect(html).not.toContain('<script>alert');
    for (const title of ['Another amount', 'Paid more than once', 'Unclaimed money', 'did not take'])
      expect(html).toContain(title);

    // A replay that fails again delivers nothing, and the page says so.
    const { id = '' } = (await host.wanpay.listDeliveries({ state: 'dead' })).deliveries[0] ?? {};
    const replay = (): Promise<Response> => post('payment/replay', { ...order('DEAD'), delivery: id, back: 'needs' });
    expect((await replay()).headers.get('location')).toBe('/admin/payments');
    await until(
      async () => (await host.wanpay.listDeliveries({ state: 'dead' })).deliveries.length === 1,
      'it failed again',
    );
    expect(await read('')).toContain('failed once');
    host.handler.react = () => undefined;
    await replay();
    await until(async () => !(await read('')).includes('did not take'), 'it is delivered');
    await post('payment/accept', { ...order('TAKEN'), reason: 'a receipt', back: 'needs' });
    for (const orderNo of ['MISMATCH', 'TWICE'])
      await post('payment/reviewed', { ...order(orderNo), text: 'refunded' });
    expect(await read('')).toContain('Nothing needs a person.');
    expect(await read(address('DEAD'))).toMatch(/Replayed<\/strong>.*\(mei\)/);
    expect(await read(address('TAKEN'))).toMatch(/a receipt.*\(mei\)/);
    await emulator.pay('TWICE', { again: true, payerAccount: '2222222222' });
    await until(async () => (await read('')).includes('Paid more than once'), 'more money came');
    // A page that somebody opened before the money came says nothing about it.
    await post('payment/reviewed', { ...order('TWICE'), text: 'late', transfers: '1' });
    expect(await read('')).toContain('Paid more than once');
    expect((await post('payment/reviewed', { ...order('TWICE'), text: 'late', transfers: 'two' })).status).toBe(400);
    await post('payment/reviewed', { ...order('TWICE'), text: 'refunded', transfers: '2' });
    await post('payment/reviewed', { ...order('TWICE'), text: 'late', transfers: '1' });
    expect(await read('')).toContain('Nothing needs a person.');
  });

  it('marks money for an unknown order as dealt with, as far as its page showed it, however many orders wait', async () => {
    await start();
    const pay = (orderNo: string, acctno: string): Promise<unknown> =>
      postForm(host.notificationUrl, notification(emulator, { out_trade_no: orderNo, total_fee: '5000', acctno }));
    const newer = Array.from({ length: 50 }, (_, i) => `B${i}`);
    await pay(' spaced', '0004123456789012');
    expect(await read(address(' spaced'))).toContain('name="transfers" value="1"');
    await post('payment/reviewed', { ...order(' spaced'), text: 'refunded', transfers: '1' });
    await Promise.all(['A1', ...newer].map((orderNo) => pay(orderNo, '0004123456789012')));
    const { orders, next } = await host.wanpay.listUnknownOrders({ needsReview: true });
    expect([orders.map(({ orderNo }) => orderNo).includes('A1'), next]).toEqual([false, expect.any(String)]);
    const html = await read(address('A1'));
    expect(html).toContain('name="transfers" value="1"');
    await pay('A1', '0004123456789999');
    await post('payment/reviewed', { ...order('A1'), text: 'refunded', transfers: '1' });
    expect(await read(address('A1'))).toContain('name="transfers" value="2"');
    await post('payment/reviewed', { ...order('A1'), text: 'refunded', transfers: '2' });
    expect(await read(address('A1'))).not.toContain('name="transfers"');
  });

  it('finds payments by number, account, payer, amount and day, and says what it can’t read', async () => {
    await start();
    for (const orderNo of ['A1', 'A2', 'A3']) await place(orderNo);
    await emulator.pay('A2', { payerAccount: '00012345678901' });
    await until(async () => (await host.wanpay.getPayment('A2'))?.state === 'paid', 'it is paid');
    const account = (await host.wanpay.getPayment('A1'))?.account?.number ?? '';
    const found = async (query: Record<string, string>): Promise<readonly string[]> => {
      const html = await read(`/payments?${new URLSearchParams(query)}`);
      return [...html.matchAll(/<th scope="row"><a [^>]*>(\w+)</g)].map(([, orderNo = '']) => orderNo);
    };
    expect(await found({})).toEqual(['A3', 'A2', 'A1']);
    expect(await found({ order: ' a1 ' })).toEqual(['A1']);
    expect(await found({ account: account.replace(/(\d{4})/g, '$1 ') })).toEqual(['A1']);
    expect(await found({ payer: '78901' })).toEqual(['A2']);
    expect(await found({ amount: 'NT$1,280' })).toEqual(['A3', 'A2', 'A1']);
    expect(await found({ amount: '1281' })).toEqual([]);
    expect(await found({ state: 'paid', from: '2026-03-02', to: '2026-03-02' })).toEqual(['A2']);
    expect(await found({ to: '2026-03-01' })).toEqual([]);
    expect(await read('/payments?order=NOPE')).toContain('No payment matches.');
    const unread = await read('/payments?amount=much&payer=12&from=today');
    expect(unread.match(/aria-invalid/g)).toHaveLength(3);
    expect((await get('/payments?after=nonsense')).status).toBe(400);
  });

  it('gives a list as a file in which nothing is a formula', async () => {
    await start();
    await place('A1', '=HYPERLINK(1)');
    for (const [i, text] of ['＝SUM(1)', '@SUM(1)', '+1', '-1'].entries()) await place(`B${i}`, text);
    await place('000012345678', 'a "quoted", word');
    const file = await get('/payments.csv?state=pending');
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="payments.csv"');
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    const [head, ...lines] = bytes.toString().split('\r\n');
    expect(head).toContain('Order number,State,Amount');
    expect(lines).toHaveLength(7);
    expect(lines.slice(0, 4).map((line) => line.split(',').at(-1))).toEqual(["'-1", "'+1", "'@SUM(1)", "'＝SUM(1)"]);
    expect(lines[5]).toMatch(/,'000012345678,Waiting for money,1280,.*"a ""quoted"", word"$/);
    expect(lines[4]).toMatch(/,A1,.*,'=HYPERLINK\(1\)$/);
  });

  it('shows a payment as a picture and a list, asks the platform, and takes notes', async () => {
    await start();
    await place('A1', HOSTILE);
    emulator.faults.dropNotifications();
    await emulator.pay('A1');
    expect(await read(address('A1'))).not.toContain('<script>alert');
    const asked = await post('payment/query', order('A1'));
    expect(asked.status).toBe(303);
    await post('payment/note', { ...order('A1'), text: HOSTILE });
    const html = await read(address('A1'));
    expect(html).toMatch(/<svg role="img"/);
    for (const text of ['Paid', 'Query', 'Asked the platform', 'Note', '(mei)']) expect(html).toContain(text);
    expect(html).not.toContain('<script>alert');
    expect((await get(address('NONE'))).status).toBe(404);
    expect((await post('payment/note', { ...order('NONE'), text: 'x' })).status).toBe(404);
    expect((await post('payment/note', { ...order('A1'), text: ' ' })).status).toBe(400);
  });

  it('reconciles in the background, and keeps the report', async () => {
    await start();
    for (const orderNo of ['A1', 'A2']) await place(orderNo);
    emulator.faults.dropNotifications();
    await emulator.pay('A1');
    const begun = await post('reconciliation', { from: '2026-03-02', to: '2026-03-02' });
    const page = (begun.headers.get('location') ?? '').replace('/admin/payments', '');
    await until(async () => (await read(page)).includes('id="payments"'), 'the report is there');
    const html = await read(page);
    expect(html).toMatch(/id="settledByQuery"><dt>[^<]*<\/dt><dd>1</);
    expect(html).toMatch(/id="changed".*A1.*Waiting for money → Paid/);
    expect(await read('/reconciliation')).toContain('2026-03-02');
    const csv = await (await get(page.replace('/run', '/run.csv'))).text();
    expect(csv.split('\r\n')[1]).toBe(
      `'${emulator.merchant.merchantNo},A1,1280,Waiting for money,Paid`.replace(/^'(?=\d{1,11},)/, ''),
    );
    expect((await post('reconciliation', { from: '2026-03-02', to: '2026-03-01' })).status).toBe(400);
    // Of a process that was killed.
    const begunAt = new Date(MORNING.getTime() - 3_600_000).toISOString();
    const killed = {
      from: begunAt,
      to: MORNING.toISOString(),
      state: 'running',
      updatedAt: begunAt,
      done: 1,
      total: 2,
    };
    const document = JSON.stringify({ ...killed, changed: [], unanswered: [] });
    await host.wanpay.keepRecord({ kind: 'reconciliation', id: 'killed', at: MORNING, document });
    const id = `killed.${MORNING.getTime()}`;
    expect(await read(`/reconciliation/run?id=${id}`)).toMatch(/Interrupted: .* at 1 of 2/);
    await post('reconciliation/resume', { id });
    await until(async () => (await read(`/reconciliation/run?id=${id}`)).includes('id="payments"'), 'it went on');
    expect((await get('/reconciliation/run?id=none.1')).status).toBe(404);
  });

  it('compares a statement with what was paid', async () => {
    await start();
    for (const orderNo of ['SAME', 'LESS', 'HERE', 'OPEN']) await place(orderNo);
    for (const orderNo of ['SAME', 'LESS', 'HERE']) await emulator.pay(orderNo);
    await until(
      async () => (await host.wanpay.listPayments({ states: ['paid'] })).payments.length === 3,
      'they are paid',
    );
    const form = new FormData();
    const memo = 'https://bank.test/?id=1&name=2\u0085\uFFFD\0';
    const text = `訂單編號,金額,備註\r\nSAME,"1,280",${memo}\r\nLESS,1000\r\nOPEN,1280\r\n"=THERE",5\r\n合計,4560\r\n`;
    form.set('file', new Blob([text]), `${HOSTILE}.csv`);
    const uploaded = await post('statement', form);
    const page = (uploaded.headers.get('location') ?? '').replace('/admin/payments', '');
    const id = new URLSearchParams(page.split('?')[1]).get('id') ?? '';
    expect(await read(page)).toContain('Choose the columns');
    await post('statement/compare', { id, key: '0', by: 'orderNo', amount: '1', from: '2026-03-01', to: '2026-03-03' });
    const html = await read(page);
    const counts = [...html.matchAll(/id="count-(\w+)"><dt>[^<]*<\/dt><dd>(\d+)/g)].map(([, kind, count]) => [
      kind,
      count,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ different: '2', onlyThere: '2', onlyHere: '1', matched: '1' });
    expect(html).not.toContain('<script>alert');
    const csv = await (await get(page.replace('/statement', '/statement.csv'))).text();
    expect(csv).toContain("Only on the statement,'=THERE,5");
    expect((await post('statement', new FormData())).status).toBe(400);
    const refused = { id, by: 'orderNo', from: '2026-03-01', to: '2026-03-03' };
    for (const columns of [{}, { key: '-1', amount: '1' }, { key: '0', amount: 'x' }])
      expect((await post('statement/compare', { ...refused, ...columns })).status).toBe(400);
  });

  it.each([
    ['of too many lines', 413, `order,amount\n${'A1,1280\n'.repeat(20_000)}`],
    ['of too many bytes', 413, 'A1,1280\n'.repeat(400_000)],
    ['with a quote that has no end', 400, 'order,amount\n"A1,1280\nA2,1280\n'],
    ['of nothing but separators', 400, ','.repeat(2_000_000)],
    ['of nothing but quotes', 303, 'a"'.repeat(1_000_000)],
    ['with old line ends, a mark and quoted ones', 303, '\ufefforder,note,amount\rA1,"a\rb",1280\r'],
  ])('reads a statement %s as a whole or not at all', async (_, status, text) => {
    await start();
    const form = new FormData();
    form.set('file', new Blob([text]), 'bank.csv');
    expect((await post('statement', form)).status).toBe(status);
  });

  it('shows figures of some days, and retires a handler that no process has', async () => {
    await start();
    await place('A1');
    await emulator.pay('A1');
    await until(async () => (await host.wanpay.getPayment('A1'))?.state === 'paid', 'it is paid');
    const html = await read('/figures');
    expect(html.match(/<svg role="img"/g)).toHaveLength(3);
    expect(html).toContain('NT$1,280');
    expect((await get('/figures?from=2026-03-02&to=2026-01-01')).status).toBe(400);
    expect((await post('handler/retire', { handler: 'RecordingHandler.onPaid', confirm: 'yes' })).status).toBe(400);
    const refused = await post('handler/retire', {
      handler: 'RecordingHandler.onPaid',
      confirm: 'RecordingHandler.onPaid',
    });
    expect(refused.status).toBe(409);

    // As another release had it, an hour ago.
    const { deliveries } = host.app.get(Ledger, { strict: false });
    const anHourAgo = new Date(MORNING.getTime() - 3_600_000);
    await deliveries.subscribe([{ handler: 'Old.one', type: 'atm.paid' }], anHourAgo, anHourAgo);
    await place('A2');
    await emulator.pay('A2');
    await until(async () => (await read('')).includes('Events that no process takes'), 'it waits for Old.one');
    const form = { handler: 'Old.one', confirm: ' Old.one ' };
    const retired = await Promise.all([post('handler/retire', form), post('handler/retire', form)]);
    expect(retired.map(({ status }) => status).sort()).toEqual([303, 409]);
    expect(await read('')).not.toContain('Events that no process takes');
    expect((await host.wanpay.listDeliveries({ handler: 'Old.one' })).deliveries).toEqual([]);
    expect((await post('handler/retire', { handler: '', confirm: '' })).status).toBe(409);
    expect(await read('')).toMatch(/Old\.one<\/code>.*mei/);
  });
});

it('shows what another process did, over one ledger in PostgreSQL', async () => {
  const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: MORNING } });
  const connectionString = await createDatabase();
  const desk = (): ReturnType<typeof WanPayDeskModule.forRoot> =>
    WanPayDeskModule.forRoot({ guards: 'none', language: 'en', actor: () => 'mei' });
  const [one, other] = [
    await startHost('Express', emulator, { ledger: postgres({ connectionString }) }, { imports: [desk()] }),
    await startHost('Fastify', emulator, { ledger: postgres({ connectionString }) }, { imports: [desk()] }),
  ];
  await one.wanpay.createPayment({ orderNo: 'A1', amount: 1280 });
  await emulator.pay('A1', { amount: 5 });
  await until(async () => (await one.wanpay.listPayments({ needsReview: true })).payments.length === 1, 'it is known');
  const begun = await send(one, 'reconciliation', { from: '2026-03-02', to: '2026-03-02' });
  await until(
    async () => (await read(other, begun.headers.get('location') ?? '')).includes('id="payments"'),
    'it is done',
  );
  expect(await read(other, '/wanpay/desk')).toContain('Another amount');
  await send(one, 'payment/reviewed', { order: 'A1', text: 'refunded' });
  expect(await read(other, '/wanpay/desk')).toContain('Nothing needs a person.');
  expect(await read(other, '/wanpay/desk/payment?order=A1')).toMatch(/Dealt with<\/strong>.*\(mei\).*refunded/);
  await emulator.close();
});

it.each([
  ['PostgreSQL', createDatabase, (connectionString: string) => postgres({ connectionString })],
  ['MariaDB', createMariaDbDatabase, (uri: string) => mysql({ uri })],
])(
  'has one run for the same days at a time on two hosts with one %s, and either goes on with it',
  async (_, create, open) => {
    const emulator = await startWanPayEmulator({ clock: { stopped: true, startAt: MORNING } });
    afterTest(() => emulator.close());
    const address = await create();
    // While the clock stands, each host asks about two payments and then waits.
    const start = (adapter: Adapter, name: string): Promise<Host> =>
      startHost(
        adapter,
        emulator,
        { ledger: open(address), reconciliation: { enabled: false, queriesPerSecond: 2 } },
        { imports: [WanPayDeskModule.forRoot({ guards: 'none', language: 'en', actor: () => name })] },
      );
    const [one, other] = [await start('Express', 'mei'), await start('Fastify', 'lin')];
    const orders = ['A1', 'A2', 'A3', 'A4', 'A5'];
    for (const orderNo of orders) await one.wanpay.createPayment({ orderNo, amount: 1280 });
    for (const orderNo of orders) {
      emulator.faults.dropNotifications();
      await emulator.pay(orderNo);
    }

    const days = { from: '2026-03-02', to: '2026-03-02' };
    const begun = await Promise.all([one, other, one].map((host) => send(host, 'reconciliation', days)));
    const places = begun.map((answer) => new URL(answer.headers.get('location') ?? '/none', one.url));
    expect(new Set(places.filter(({ pathname }) => pathname !== '/none').map(({ search }) => idIn(search))).size).toBe(
      1,
    );
    const again = await send(other, 'reconciliation', days);
    const place = again.headers.get('location') ?? '';
    expect(await read(other, place)).toContain('no other was started');
    const [host, rest] = (await read(other, '/wanpay/desk/reconciliation')).includes('mei')
      ? [one, other]
      : [other, one];
    await until(async () => (await paid(rest)) === 2, 'two are asked about');
    const id = idIn(place);
    expect((await send(rest, 'reconciliation/resume', { id })).status).toBe(409);

    const statement = new FormData();
    const lines = Array.from({ length: 5000 }, (_, line) => `${orders[line] ?? `B${line}`},1280,轉帳`);
    statement.set('file', new Blob([['訂單編號,金額,備註', ...lines].join('\r\n')]), '三月.csv');
    const compared = (await send(host, 'statement', statement)).headers.get('location') ?? '';

    await host.close();
    const interrupted = await read(rest, place);
    expect(interrupted).toContain('Interrupted');
    expect(interrupted).toContain('Go on from where it was');
    const resumed = await Promise.all([1, 2].map(() => send(rest, 'reconciliation/resume', { id })));
    expect(resumed.map(({ status }) => status).sort()).toEqual([303, 409]);
    await until(async () => {
      await emulator.advance({ seconds: 1 });
      return (await read(rest, place)).includes('id="payments"');
    }, 'it is done');
    const html = await read(rest, place);
    expect(html).toMatch(/id="checked"><dt>[^<]*<\/dt><dd>5</);
    expect(html).toContain('Orders whose state has changed (5)');
    expect(html).toContain('resumed by');
    expect((await send(rest, 'reconciliation/resume', { id })).status).toBe(409);
    await send(rest, 'statement/compare', { id: idIn(compared), key: '0', by: 'orderNo', amount: '1', ...days });
    const counts = [...(await read(rest, compared)).matchAll(/id="count-(\w+)"><dt>[^<]*<\/dt><dd>(\d+)/g)];
    expect(Object.fromEntries(counts.map(([, kind, count]) => [kind, Number(count)]))).toEqual({
      different: 0,
      onlyThere: 4995,
      onlyHere: 0,
      matched: 5,
    });
  },
);

const paid = async (host: Host): Promise<number> =>
  (await host.wanpay.listPayments({ states: ['paid'] })).payments.length;

function idIn(address: string): string {
  return new URLSearchParams(address.split('?')[1]).get('id') ?? '';
}

function send(host: Host, below: string, fields: Record<string, string> | FormData): Promise<Response> {
  return fetch(`${host.url}/wanpay/desk/${below}`, {
    ...{ method: 'POST', redirect: 'manual' },
    body: fields instanceof FormData ? fields : new URLSearchParams(fields),
    headers: { 'sec-fetch-site': 'same-origin' },
  });
}

async function read(host: Host, path: string): Promise<string> {
  return (await fetch(host.url + path)).text();
}

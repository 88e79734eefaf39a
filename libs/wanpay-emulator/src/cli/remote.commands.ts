import { type Command, Option } from 'commander';
import { parseAmount, parseCount, parseSpan, parseUrl } from './arguments.js';
import { type CommandResult, type Finish } from './context.js';
import { ControlClient } from './control-client.js';
import { CommandError } from './errors.js';

const DEFAULT_URL = 'http://127.0.0.1:4010';
const STATES = ['unpaid', 'paying', 'paid', 'failed', 'closed'];

interface RemoteOptions {
  readonly url: string;
  readonly json?: true;
}

interface PayOptions extends RemoteOptions {
  readonly merchant?: string;
  readonly amount?: number;
  readonly late?: true;
  readonly again?: true;
  readonly twice?: true;
  readonly fail?: true;
}

/** An order, as far as it is shown here. */
interface SeenOrder {
  readonly merchantNo: string;
  readonly orderNo: string;
  readonly amount: number;
  readonly state: string;
  readonly expiresAt: string;
  readonly account: { readonly number: string; readonly bankCode: string };
}

/** `orders`, `pay` and `advance`: what the console does, with an emulator that runs. */
export function addRemoteCommands(program: Command, finish: Finish): void {
  withRemoteOptions(program.command('orders'))
    .description('list the orders of a running emulator, oldest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES))
    .option('--limit <number>', 'how many at most', parseCount)
    .action((options: RemoteOptions & { readonly state?: string; readonly limit?: number }) =>
      finish(options, () => listOrders(options)),
    );
  withRemoteOptions(program.command('pay'))
    .description('pay an order of a running emulator, which then notifies its merchant')
    .argument('<order>', 'the order’s number')
    .option('--merchant <number>', 'whose order it is (default: the merchant that has one of this number)')
    .option('--amount <dollars>', 'another amount than was asked for', parseAmount)
    .option('--late', 'after the deadline, when the emulator’s clock gets there')
    .option('--again', 'though it is paid')
    .option('--twice', 'twice, one right after the other')
    .addOption(new Option('--fail', 'let the transfer fail').conflicts(['amount', 'late', 'again', 'twice']))
    .addHelpText('after', '\nExamples:\n  $ wanpay-emulator pay A1\n  $ wanpay-emulator pay A1 --amount 1279 --json')
    .action((orderNo: string, options: PayOptions) => finish(options, () => payOrder(orderNo, options)));
  withRemoteOptions(program.command('advance'))
    .description('move the clock of a running emulator forward; what falls due on the way happens')
    .argument('<span>', '90s, 3m, 1h30m or 30d; or next, for when something is due next', parseSpan)
    .addHelpText('after', '\nExamples:\n  $ wanpay-emulator advance 3m\n  $ wanpay-emulator advance next')
    .action((span: number | 'next', options: RemoteOptions) => finish(options, () => advance(span, options)));
}

function withRemoteOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', 'where the emulator is')
        .env('WANPAY_EMULATOR_URL')
        .default(DEFAULT_URL)
        .argParser(parseUrl),
    )
    .option('--json', 'print JSON, for programs');
}

async function listOrders({
  url,
  state,
  limit,
}: RemoteOptions & { readonly state?: string; readonly limit?: number }): Promise<CommandResult> {
  const filter = new URLSearchParams();
  if (state !== undefined) filter.set('state', state);
  if (limit !== undefined) filter.set('limit', String(limit));
  const orders = readOrders(await new ControlClient(url).get(`orders?${filter.toString()}`));
  const text = orders.length === 0 ? 'There is no such order.' : orders.map(describe).join('\n');
  return { text, json: orders, exitCode: 0 };
}

async function payOrder(orderNo: string, options: PayOptions): Promise<CommandResult> {
  const { url, merchant, amount, late, again, twice, fail } = options;
  const client = new ControlClient(url);
  const merchantNo = merchant ?? (await merchantOf(orderNo, client));
  const path = `orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`;
  const order = await (fail
    ? client.post(`${path}/fail`, {})
    : client.post(`${path}/pay`, { amount, again, twice, ...(late ? { at: 'after-deadline' } : {}) }));
  if (!isOrder(order)) throw new CommandError(`${url} is no emulator.`);
  return { text: describe(order), json: order, exitCode: 0 };
}

async function merchantOf(orderNo: string, client: ControlClient): Promise<string> {
  const owners = readOrders(await client.get('orders')).filter((order) => order.orderNo === orderNo);
  const [first, ...others] = owners;
  if (!first) throw new CommandError(`There is no order ${orderNo}: the command orders lists them.`);
  if (others.length > 0) throw new CommandError(`Several merchants have an order ${orderNo}: give --merchant.`);
  return first.merchantNo;
}

async function advance(span: number | 'next', { url }: RemoteOptions): Promise<CommandResult> {
  const body = span === 'next' ? { toNext: true } : { advanceSeconds: span };
  const clock = await new ControlClient(url).post('clock', body);
  const now = typeof clock === 'object' && clock !== null && 'now' in clock ? String(clock.now) : '';
  return { text: `The emulator’s clock shows ${now}.`, json: clock, exitCode: 0 };
}

function describe({ orderNo, merchantNo, amount, state, account, expiresAt }: SeenOrder): string {
  const money = `NT$${amount}`;
  const payable = `${account.bankCode} ${account.number}`;
  return `${orderNo.padEnd(20)}  ${merchantNo}  ${money.padStart(12)}  ${state.padEnd(6)}  ${payable}  until ${expiresAt}`;
}

function readOrders(value: unknown): readonly SeenOrder[] {
  return Array.isArray(value) ? value.filter(isOrder) : [];
}

function isOrder(value: unknown): value is SeenOrder {
  return typeof value === 'object' && value !== null && 'orderNo' in value && 'account' in value && 'state' in value;
}

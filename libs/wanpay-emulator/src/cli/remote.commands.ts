import { type Command, Option } from 'commander';
import { formatTaipei } from 'nestjs-wanpay/protocol';
import { type Say } from '../console/language.js';
import { parseAmount, parseCount, parseSeconds, parseSpan, parseUrl } from './arguments.js';
import { type CommandResult, type Finish } from './context.js';
import { ControlClient, type ControlOptions } from './control-client.js';
import { CommandError } from './errors.js';

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_URL = 'http://127.0.0.1:4010';
const STATES = ['unpaid', 'paying', 'paid', 'failed', 'closed'];

interface RemoteOptions extends ControlOptions {
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
export function addRemoteCommands(program: Command, finish: Finish, say: Say): void {
  withRemoteOptions(program.command('orders'), say)
    .description(say('list the orders of a running emulator, oldest first', '列出執行中模擬器的訂單，由舊到新'))
    .addOption(new Option('--state <state>', say('only those in this state', '只列這個狀態的')).choices(STATES))
    .option('--limit <number>', say('how many at most', '最多幾筆'), parseCount)
    .action((options: RemoteOptions & { readonly state?: string; readonly limit?: number }) =>
      finish(options, () => listOrders(options, say)),
    );
  withRemoteOptions(program.command('pay'), say)
    .description(
      say(
        'pay an order of a running emulator, which then notifies its merchant',
        '為執行中模擬器的一筆訂單付款，模擬器隨即通知商戶',
      ),
    )
    .argument('<order>', say('the order’s number', '訂單編號'))
    .option(
      '--merchant <number>',
      say(
        'whose order it is (default: the merchant that has one of this number)',
        '訂單的商戶（預設：有此編號的商戶）',
      ),
    )
    .option('--amount <dollars>', say('another amount than was asked for', '與應付不同的金額'), parseAmount)
    .option(
      '--late',
      say('after the deadline, when the emulator’s clock gets there', '繳費期限之後，等模擬器的時鐘走到那時'),
    )
    .option('--again', say('even if it is already paid', '即使已付款'))
    .option('--twice', say('twice, one right after the other', '連續付兩次'))
    .addOption(
      new Option('--fail', say('let the transfer fail', '讓轉帳失敗')).conflicts(['amount', 'late', 'again', 'twice']),
    )
    .addHelpText('after', examples(say, 'pay A1', 'pay A1 --amount 1279 --json'))
    .action((orderNo: string, options: PayOptions) => finish(options, () => payOrder(orderNo, options, say)));
  withRemoteOptions(program.command('advance'), say)
    .description(
      say(
        'move the clock of a running emulator forward; what falls due on the way happens',
        '把執行中模擬器的時鐘往前移；途中到期的事都會發生',
      ),
    )
    .argument(
      '<span>',
      say(
        '90s, 3m, 1h30m or 30d; or next, for when something is due next',
        '90s、3m、1h30m 或 30d；或 next，移到下一件事到期時',
      ),
      parseSpan,
    )
    .addHelpText('after', examples(say, 'advance 3m', 'advance next'))
    .action((span: number | 'next', options: RemoteOptions) => finish(options, () => advance(span, options, say)));
}

function examples(say: Say, ...lines: readonly string[]): string {
  return ['', say('Examples:', '範例：'), ...lines.map((line) => `  $ wanpay-emulator ${line}`)].join('\n');
}

function withRemoteOptions(command: Command, say: Say): Command {
  return command
    .addOption(
      new Option('--url <url>', say('where the emulator is', '模擬器的位址'))
        .env('WANPAY_EMULATOR_URL')
        .default(DEFAULT_URL)
        .argParser(parseUrl),
    )
    .addOption(
      new Option('--timeout <seconds>', say('how long its answer may take', '最多等它回應幾秒'))
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1000))
        .argParser(parseSeconds),
    )
    .option('--json', say('print JSON, for programs', '輸出 JSON，供程式使用'));
}

async function listOrders(
  { url, timeout, state, limit }: RemoteOptions & { readonly state?: string; readonly limit?: number },
  say: Say,
): Promise<CommandResult> {
  const filter = new URLSearchParams();
  if (state !== undefined) filter.set('state', state);
  if (limit !== undefined) filter.set('limit', String(limit));
  const orders = readOrders(await new ControlClient({ url, timeout }).get(`orders?${filter.toString()}`));
  const text =
    orders.length === 0
      ? say('There is no such order.', '沒有這樣的訂單。')
      : orders.map((order) => describe(order, say)).join('\n');
  return { text, json: orders, exitCode: 0 };
}

async function payOrder(orderNo: string, options: PayOptions, say: Say): Promise<CommandResult> {
  const { url, merchant, amount, late, again, twice, fail } = options;
  const client = new ControlClient(options);
  const merchantNo = merchant ?? (await merchantOf(orderNo, client));
  const path = `orders/${encodeURIComponent(merchantNo)}/${encodeURIComponent(orderNo)}`;
  const order = await (fail
    ? client.post(`${path}/fail`, {})
    : client.post(`${path}/pay`, { amount, again, twice, ...(late ? { at: 'after-deadline' } : {}) }));
  if (!isOrder(order)) throw noEmulator(url);
  return { text: describe(order, say), json: order, exitCode: 0 };
}

async function merchantOf(orderNo: string, client: ControlClient): Promise<string> {
  const owners = readOrders(await client.get('orders')).filter((order) => order.orderNo === orderNo);
  const [first, ...others] = owners;
  if (!first) throw new CommandError(`There is no order ${orderNo}: the command orders lists them.`);
  if (others.length > 0) throw new CommandError(`Several merchants have an order ${orderNo}: give --merchant.`);
  return first.merchantNo;
}

async function advance(span: number | 'next', options: RemoteOptions, say: Say): Promise<CommandResult> {
  const body = span === 'next' ? { toNext: true } : { advanceSeconds: span };
  const clock = await new ControlClient(options).post('clock', body);
  if (typeof clock !== 'object' || clock === null || !('now' in clock)) throw noEmulator(options.url);
  const now = taipei(String(clock.now), say);
  return {
    text: say(`The emulator’s clock shows ${now}.`, `模擬器的時鐘顯示 ${now}。`),
    json: clock,
    exitCode: 0,
  };
}

function noEmulator(url: string): CommandError {
  return new CommandError(`${url} is no emulator. Give its address with --url or WANPAY_EMULATOR_URL.`);
}

function describe({ orderNo, merchantNo, amount, state, account, expiresAt }: SeenOrder, say: Say): string {
  const money = `NT$${amount.toLocaleString('en')}`;
  const payable = `${account.bankCode} ${account.number}`;
  return `${orderNo.padEnd(20)}  ${merchantNo}  ${money.padStart(12)}  ${state.padEnd(6)}  ${payable}  ${say('until', '繳費期限')} ${taipei(expiresAt, say)}`;
}

/** A time as the platform and the console show it. */
function taipei(time: string, say: Say): string {
  return `${formatTaipei(new Date(time))}${say(' (Taipei)', '（台北）')}`;
}

function readOrders(value: unknown): readonly SeenOrder[] {
  return Array.isArray(value) ? value.filter(isOrder) : [];
}

function isOrder(value: unknown): value is SeenOrder {
  return typeof value === 'object' && value !== null && 'orderNo' in value && 'account' in value && 'state' in value;
}

import { Argument, type Command } from 'commander';
import { type Say } from '../console/language.js';
import { systemErrorCode } from '../errors.js';
import { type MerchantOptions } from '../merchants/merchants.js';
import { TEST_MERCHANT } from '../merchants/test-merchant.js';
import { writeMessage, writeResult } from '../notifications/notification.js';
import { post } from '../notifications/post.js';
import { type AmountUnit } from '../orders/amount.js';
import { type Fields } from '../platform/fields.js';
import { parseAmount, parseMerchant, parseUrl } from './arguments.js';
import { inChinese } from './chinese.js';
import { type CommandContext, type CommandResult, type Finish } from './context.js';
import { CommandError } from './errors.js';
import { newOrderNo, SCENARIOS, type ScenarioName, type Shot } from './scenario.js';

const TIMEOUT_MS = 10_000;
const DEFAULT_AMOUNT = 100;
const ACKNOWLEDGEMENT = 'success';
const EXCERPT_LENGTH = 200;
/** What would move a terminal's cursor, colour it or worse. */
const CONTROLS = /[\p{Cc}\p{Cf}]+/gu;

interface TriggerOptions {
  readonly to: string;
  readonly order?: string;
  readonly amount: number;
  readonly merchant?: MerchantOptions;
  readonly dollars?: true;
  readonly json?: true;
}

/** One notification, and what came of it. */
interface Sent {
  readonly url: string;
  readonly fields: Fields;
  readonly latencyMs: number;
  readonly replyStatus?: number;
  readonly replyBody?: string;
  readonly error?: string;
  readonly acknowledged: boolean;
  /** Whether it was answered as it should be: acknowledged if it is genuine, else refused. */
  readonly ok: boolean;
}

/** `trigger`: sends a notification to any address, without an order and without a running emulator. */
export function addTrigger(program: Command, { env }: CommandContext, finish: Finish, say: Say): void {
  const names = Object.entries(SCENARIOS).map(
    ([name, { description }]) => `  ${name.padEnd(14)}${say(...description)}`,
  );
  program
    .command('trigger')
    .description(
      say('send a correct notification to any address, without an order', '把正確的通知送到任何網址，不需要訂單'),
    )
    .addArgument(
      new Argument('<scenario>', say('what it says, as below', '它說什麼，見下方')).choices(Object.keys(SCENARIOS)),
    )
    .requiredOption(
      '--to <url>',
      say('where it is posted to: your notification URL', '送到哪裡：您的通知網址'),
      parseUrl,
    )
    .option(
      '--order <number>',
      say('the order it is about (default: one that nobody has)', '通知的訂單（預設：沒有人有的編號）'),
    )
    .option('--amount <dollars>', say('what the order is for', '訂單的金額'), parseAmount, DEFAULT_AMOUNT)
    .option(
      '--merchant <NO:KEY>',
      say(
        'the merchant and its key (default: WANPAY_MERCHANT_NO and WANPAY_KEY, else the vendor’s test merchant)',
        '商戶與金鑰（預設：WANPAY_MERCHANT_NO 與 WANPAY_KEY，否則為廠商的測試商戶）',
      ),
      parseMerchant,
    )
    .option(
      '--dollars',
      say('write total_fee as 100.00, in place of cents as 10000', 'total_fee 寫成 100.00，而非以分計的 10000'),
    )
    .option('--json', say('print JSON, for programs', '輸出 JSON，供程式使用'))
    .addHelpText(
      'after',
      `
${say('Scenarios:', '情境：')}
${names.join('\n')}

${say('Examples:', '範例：')}
  $ wanpay-emulator trigger paid --to http://127.0.0.1:3000/wanpay/notifications --order A1 --amount 1280
  $ wanpay-emulator trigger forged --to https://shop.example/wanpay/notifications --json

${say(
  'Exit codes: 0 a genuine one was acknowledged, or a bad one refused; 1 it was not, or the command can’t be used as given.',
  '結束代碼：0 正確的通知得到確認，或應拒絕的通知被拒絕；1 並非如此，或指令不能這樣使用。',
)}`,
    )
    .action((scenario: ScenarioName, options: TriggerOptions) =>
      finish(options, () => trigger(scenario, options, merchantOf(options, env), say)),
    );
}

async function trigger(
  scenario: ScenarioName,
  options: TriggerOptions,
  merchant: Merchant,
  say: Say,
): Promise<CommandResult> {
  const { order, amount, to, dollars } = options;
  const now = new Date();
  const subject = { merchantNo: merchant.merchantNo, orderNo: order ?? newOrderNo(now), amount };
  const sent: Sent[] = [];
  for (const shot of SCENARIOS[scenario].shots(subject, now)) {
    sent.push(await send(to, shot, merchant, dollars ? 'dollars' : 'cents'));
  }
  const isWell = sent.every(({ ok }) => ok);
  const isUnknown = order === undefined && scenario !== 'unknown-order';
  const hint = say(
    'No order was named, so no host knows this one: name one with --order.',
    '沒有指定訂單，所以沒有應用程式認得這一筆：請以 --order 指定。',
  );
  return {
    text: [...sent.map((each) => describe(each, say)), ...(isUnknown ? [hint] : [])].join('\n\n'),
    json: { scenario, sent },
    exitCode: isWell ? 0 : 1,
  };
}

async function send(url: string, shot: Shot, merchant: Merchant, unit: AmountUnit): Promise<Sent> {
  const message = writeMessage(writeResult(shot.result, unit), unit, merchant, shot.signedAt, shot.style);
  const startedMs = performance.now();
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const ending = await post(url, message, signal).then(
    ({ status, body }) => ({ replyStatus: status, replyBody: body }),
    (error: unknown) => ({ error: describeFailure(error, signal) }),
  );
  const latencyMs = Math.round(performance.now() - startedMs);
  const acknowledged = 'replyStatus' in ending && ending.replyStatus === 200 && ending.replyBody === ACKNOWLEDGEMENT;
  const isAnswered = 'replyStatus' in ending;
  const ok = shot.isGenuine ? acknowledged : isAnswered && !acknowledged;
  return { url, fields: message.fields, latencyMs, ...ending, acknowledged, ok };
}

function describe({ url, fields, latencyMs, replyStatus, replyBody = '', error, ok }: Sent, say: Say): string {
  const width = Math.max(...Object.keys(fields).map(({ length }) => length));
  const written = Object.entries(fields).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const words = replyBody.replaceAll(CONTROLS, ' ').trim().slice(0, EXCERPT_LENGTH);
  const reply = words === '' ? say('(nothing)', '（沒有內容）') : words;
  const answer =
    error === undefined
      ? say(`HTTP ${replyStatus} after ${latencyMs} ms: ${reply}`, `HTTP ${replyStatus}，${latencyMs} 毫秒：${reply}`)
      : say(error, inChinese(error));
  return [`POST ${url}`, ...written, `${ok ? '✓' : '✗'} ${answer}`].join('\n');
}

function describeFailure(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `No reply within ${TIMEOUT_MS / 1000} s.`;
  const code = systemErrorCode(error);
  if (code === 'ECONNREFUSED')
    return 'Nothing listens there (ECONNREFUSED): check the address, and that the host runs.';
  return code === undefined ? 'No reply.' : `No reply: ${code}.`;
}

interface Merchant {
  readonly merchantNo: string;
  readonly key: string;
}

/** The variables are those of the module: what is sent is signed as its host expects. */
function merchantOf({ merchant }: TriggerOptions, env: CommandContext['env']): Merchant {
  const fromEnvironment =
    env.WANPAY_MERCHANT_NO && env.WANPAY_KEY
      ? { merchantNo: env.WANPAY_MERCHANT_NO, key: env.WANPAY_KEY }
      : TEST_MERCHANT;
  const { merchantNo, key } = merchant ?? fromEnvironment;
  if (key === undefined) throw new CommandError('There is no key: give --merchant NO:KEY.');
  return { merchantNo, key };
}

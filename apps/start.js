/**
 * `npm start`: the emulator of the platform and the shop side by side, until Ctrl-C.
 *
 * EMULATOR_PORT and SHOP_PORT choose other ports than 4010 and 3000, SHOP_DESK_PASSWORD another password of the merchant's desk
 * than one made for this run, SHOP_DATA a folder for the shop's orders.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setInterval, setTimeout } from 'node:timers';
import { fileURLToPath, URL } from 'node:url';
import { sayIn } from './language.js';
import { findPortProblems } from './ports.js';

const say = sayIn(process.env);

const portProblems = await findPortProblems(process.env);
if (portProblems.length > 0) {
  for (const problem of portProblems) console.error(problem);
  process.exit(1);
}
const EMULATOR_PORT = process.env.EMULATOR_PORT || '4010';
const SHOP_PORT = process.env.SHOP_PORT || '3000';
const chosenPassword = process.env.SHOP_DESK_PASSWORD;
const deskPassword = chosenPassword || randomBytes(12).toString('base64url');
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PATIENCE_MS = 5_000;
const PARENT_CHECK_MS = 500;

/** Whatever real credentials are around stay out of a demonstration. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WANPAY_')));

const programs = [];
let isStopping = false;
// `exit` too: should this process fail, it leaves nothing behind that holds a port.
for (const reason of ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit']) process.on(reason, stop);

// npm passes a SIGTERM on to its shell alone, and not to us: we end when the shell has.
if (process.env.npm_lifecycle_event === 'start') {
  const shell = process.ppid;
  setInterval(() => process.ppid !== shell && stop(), PARENT_CHECK_MS).unref();
}

// A line of our own child, rather than an answer on the port: another program may be listening there.
const emulator = run(
  say('The emulator', '模擬器'),
  ['libs/wanpay-emulator/dist/cli.js', '--port', EMULATOR_PORT],
  environment,
);
emulator.says('WanPay emulator: ').then((emulatorUrl) => {
  const shop = run(say('The shop', '商店'), ['apps/shop/dist/main.js'], {
    ...environment,
    NODE_ENV: 'development',
    SHOP_HOST: '127.0.0.1',
    SHOP_PORT,
    SHOP_DESK_PASSWORD: deskPassword,
    // The shop follows its clock, so that both have one time.
    SHOP_EMULATOR_URL: emulatorUrl,
    WANPAY_BASE_URL: `${emulatorUrl}/wxzfservice`,
    WANPAY_PUBLIC_URL: `http://127.0.0.1:${SHOP_PORT}`,
    // The test merchant that the vendor publishes, its key included.
    WANPAY_MERCHANT_NO: '21008024',
    WANPAY_KEY: 'QGbZvggxNdGgMUnp',
    // The emulator forgets its orders when it ends, so the shop's are kept no longer, unless someone says where.
    SHOP_DATA: process.env.SHOP_DATA ?? temporaryData(),
  });
  shop.says('Shop: ').then((shopUrl) => {
    console.log(
      say(
        `
Where to look
  ${shopUrl}  the shop: order something
  ${emulatorUrl}  the platform’s console: pay it, and move the clock of both
  ${shopUrl}/desk  the merchant’s desk: any name, password ${chosenPassword ? 'as in SHOP_DESK_PASSWORD' : deskPassword}
  ${shopUrl}/demonstration  a switch that makes the shop’s handlers fail
What to set
  EMULATOR_PORT, SHOP_PORT  other ports
  SHOP_DESK_PASSWORD        a password of your own, at least 12 characters
  SHOP_DATA                 a folder in which the shop’s orders outlast this run
Ctrl-C ends both.
`,
        `
可以看的網址
  ${shopUrl}  商店：下一筆訂單
  ${emulatorUrl}  平台的主控台：為訂單付款，並調整兩邊共用的時鐘
  ${shopUrl}/desk  店家後台：名稱可任意填寫，密碼${chosenPassword ? '是 SHOP_DESK_PASSWORD 的值' : ` ${deskPassword}`}
  ${shopUrl}/demonstration  讓商店的處理函式失敗的開關
可以設定的變數
  EMULATOR_PORT、SHOP_PORT  其他連接埠
  SHOP_DESK_PASSWORD        您自己的密碼，至少 12 個字元
  SHOP_DATA                 保存商店訂單的資料夾，結束後仍保留
按 Ctrl-C 會同時結束兩者。
`,
      ),
    );
  });
});

/** Starts a Node program in the repository's root, and passes on what it prints. When it ends, everything ends. */
function run(name, args, env) {
  // In a process group of its own: Ctrl-C in a terminal then reaches it once, through us.
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  programs.push(child);
  child.on('exit', (code, signal) => {
    if (isStopping) return;
    const how = signal ?? say(`code ${code}`, `代碼 ${code}`);
    console.error(say(`${name} has ended (${how}), so everything ends.`, `${name}已結束（${how}），因此全部結束。`));
    process.exitCode = 1;
    stop();
  });
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => console.log(line));
  const says = (beginning) =>
    new Promise((resolve) => {
      lines.on('line', (line) => line.startsWith(beginning) && resolve(line.slice(beginning.length)));
    });
  return { says };
}

/** A folder that is gone when this process is. */
function temporaryData() {
  const folder = mkdtempSync(join(tmpdir(), 'wanpay-shop-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Ends both, kindly first; this process ends with the last of them. */
function stop() {
  isStopping = true;
  for (const child of programs) child.kill('SIGTERM');
  setTimeout(() => programs.forEach((child) => child.kill('SIGKILL')), PATIENCE_MS).unref();
}

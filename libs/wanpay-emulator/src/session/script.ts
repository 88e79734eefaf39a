import { pathToFileURL } from 'node:url';
import { type EmulatorSettings } from '../emulator.settings.js';
import { type ActionEntry, type JournalEntry, type RequestEntry } from '../journal/entry.js';
import { type MerchantView } from '../merchants/merchant-view.js';
import { TEST_MERCHANT } from '../merchants/test-merchant.js';
import { ownModule } from './own-module.js';

type Behaviour = Pick<
  EmulatorSettings,
  'retrySchedule' | 'queryAmountUnit' | 'queryAmountAsNumber' | 'notificationAmountUnit' | 'defaultValidDays' | 'seed'
>;
type Step = ActionEntry | RequestEntry;

const PATHS = { order: '/virtualatmpay', query: '/orderquery' } as const;

/**
 * A session as a script: it starts an emulator whose clock stands at the session's beginning, and does what was done.
 * Requests are sent byte for byte, so that their timestamps and signatures hold, and wrong ones are wrong again. Keys are
 * not written into it, but for the one that the vendor has published.
 */
export function writeScript(entries: readonly JournalEntry[], behaviour: Behaviour): string {
  const steps = entries.filter(isStep);
  const merchants = leadingMerchants(steps);
  const startAt = entries[0]?.at ?? new Date();
  return [
    ...head(merchants, startAt, behaviour),
    ...steps.slice(merchants.length).map((step) => `await at(${js(step.at)}, () => ${write(step)});`),
    ...FOOT,
  ].join('\n');
}

/** What was done. A request whose body was too long to be kept whole is left out: it can't be sent again, and was refused. */
function isStep(entry: JournalEntry): entry is Step {
  return entry.kind === 'action' || (entry.kind === 'request' && entry.length === undefined);
}

/** Those that were there from the start. */
function leadingMerchants(steps: readonly Step[]): MerchantView[] {
  const merchants: MerchantView[] = [];
  for (const step of steps) {
    if (step.kind !== 'action' || step.name !== 'add-merchant') break;
    merchants.push(step);
  }
  return merchants;
}

function head(merchants: readonly MerchantView[], startAt: Date, behaviour: Behaviour): string[] {
  return [
    '// A session of wanpay-emulator. `node session.mjs` replays it, in any folder, and prints what became of the orders;',
    '// `--open` then stays open, so that you can look at it in a browser; `--target http://127.0.0.1:3000` posts the',
    '// notifications to another host than the one that ordered, whose clock must show the time of the session.',
    "import { createRequire } from 'node:module';",
    "import { resolve } from 'node:path';",
    "import { pathToFileURL } from 'node:url';",
    "import { parseArgs } from 'node:util';",
    '',
    "const { values } = parseArgs({ options: { open: { type: 'boolean' }, target: { type: 'string' } } });",
    'const { startWanPayEmulator } = await load();',
    'const emulator = await startWanPayEmulator({',
    '  notificationTarget: values.target,',
    `  clock: { stopped: true, startAt: new Date(${js(startAt)}) },`,
    `  retryMinutes: ${js(behaviour.retrySchedule.minutes)},`,
    `  retryFrom: ${js(behaviour.retrySchedule.from)},`,
    `  queryAmountUnit: ${js(behaviour.queryAmountUnit)},`,
    `  queryAmountAsNumber: ${behaviour.queryAmountAsNumber},`,
    `  notificationAmountUnit: ${js(behaviour.notificationAmountUnit)},`,
    `  defaultValidDays: ${behaviour.defaultValidDays},`,
    `  seed: ${behaviour.seed},`,
    `  merchants: [${merchants.map(merchant).join(', ')}],`,
    '});',
    '',
    ...loading(),
    ...TOOLS,
    '',
  ];
}

/** Function declarations, which the beginning of the script uses before they come. */
const TOOLS = [
  '/** Moves the clock to a moment, and does something then. What failed in the session may fail again. */',
  'async function at(moment, act) {',
  '  await emulator.advance(Math.max(0, Date.parse(moment) - emulator.clock.now().getTime()));',
  '  try {',
  '    await act();',
  '  } catch (error) {',
  '    console.error(`${moment}: ${error}`);',
  '  }',
  '}',
  '',
  '/** Sends a request as it came. A reply that is lost by a fault is no failure. */',
  'async function send(path, contentType, body) {',
  "  const headers = contentType ? { 'content-type': contentType } : {};",
  "  await fetch(emulator.baseUrl + path, { method: 'POST', headers, body }).then(",
  '    (response) => response.text().catch(() => undefined),',
  '    () => undefined,',
  '  );',
  '}',
  '',
  '/** A key, from the environment. */',
  'function key(merchantNo, id) {',
  "  const name = `WANPAY_KEY_${merchantNo.replace(/\\W/g, '_')}_${id}`;",
  `  const published = { WANPAY_KEY_${TEST_MERCHANT.merchantNo}_k1: ${js(TEST_MERCHANT.key)} };`,
  '  const found = process.env[name] ?? published[name];',
  '  if (!found) throw new Error(`Set ${name} to the key ${id} of merchant ${merchantNo}.`);',
  '  return found;',
  '}',
];

const FOOT = [
  '',
  'await emulator.idle();',
  'console.log(JSON.stringify(emulator.orders().map(({ merchantNo, orderNo, state }) => ({ merchantNo, orderNo, state }))));',
  'if (values.open) console.log(`Open: ${emulator.url} (Ctrl-C ends it)`);',
  'else await emulator.close();',
  '',
];

function write(step: Step): string {
  if (step.kind === 'request') {
    return `send(${js(PATHS[step.interface])}, ${js(step.contentType)}, ${js(step.body)})`;
  }
  switch (step.name) {
    case 'pay': {
      const { at, ...transfer } = step.transfer;
      const options = js({ merchantNo: step.merchantNo, ...transfer, again: step.again });
      return `emulator.pay(${js(step.orderNo)}, { ...${options}, at: new Date(${js(at)}) })`;
    }
    case 'fail':
      return `emulator.fail(${js(step.orderNo)}, ${js({ merchantNo: step.merchantNo })})`;
    case 'close':
      return `emulator.closeOrder(${js(step.orderNo)}, ${js({ merchantNo: step.merchantNo, notify: step.notify })})`;
    case 'resend': {
      const { merchantNo, notification } = step;
      return `emulator.resend(${js(step.orderNo)}, ${js({ merchantNo, notification })})`;
    }
    case 'arm':
      return `emulator.faults.arm(${js(step.fault)}, ${js(step.trigger)})`;
    case 'disarm':
      return `emulator.faults.disarm(${js(step.faultId)})`;
    case 'clear-faults':
      return 'emulator.faults.clear()';
    case 'add-merchant':
      return `emulator.merchants.add(${merchant(step)})`;
    case 'add-key':
      return `emulator.merchants.addKey(${js(step.merchantNo)}, key(${js(step.merchantNo)}, ${js(step.keyId)}))`;
    case 'remove-key':
      return `emulator.merchants.removeKey(${js(step.merchantNo)}, ${js(step.keyId)})`;
    case 'allow-sources':
      return `emulator.merchants.allowSources(${js(step.merchantNo)}, ${step.allowedSources ? js(step.allowedSources) : 'undefined'})`;
  }
}

/** How the script finds the package wherever it runs. */
function loading(): string[] {
  return [
    '/** From beside this file, from the folder that it runs in, or from where the session was recorded. */',
    'async function load() {',
    "  for (const place of [import.meta.url, pathToFileURL(resolve('session.mjs'))]) {",
    '    try {',
    "      return await import(pathToFileURL(createRequire(place).resolve('wanpay-emulator')));",
    '    } catch (error) {',
    "      if (error.code !== 'MODULE_NOT_FOUND') throw error;",
    '    }',
    '  }',
    `  return import(${js(ownLocation())}).catch((error) => {`,
    "    throw new Error('Run it in a folder where wanpay-emulator is installed: npm install wanpay-emulator', { cause: error });",
    '  });',
    '}',
    '',
  ];
}

function ownLocation(): string {
  const file = ownModule();
  return file === undefined ? 'wanpay-emulator' : pathToFileURL(file).href;
}

function merchant({ merchantNo, keyIds, allowedSources }: MerchantView): string {
  const keys = keyIds.map((id) => `key(${js(merchantNo)}, ${js(id)})`).join(', ');
  const sources = allowedSources ? `, allowedSources: ${js(allowedSources)}` : '';
  return `{ merchantNo: ${js(merchantNo)}, keys: [${keys}]${sources} }`;
}

/** A value as JavaScript, whatever strangers have put in it: JSON is a part of it. */
function js(value: unknown): string {
  return JSON.stringify(value);
}

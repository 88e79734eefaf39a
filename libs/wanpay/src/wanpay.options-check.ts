import { arrayNotEmpty, isArray, isBoolean, isIn, isInt, isNumber, isURL, length, max, min } from 'class-validator';
import { isRange } from './notifications/source-list.js';
import { cleanWords, isKey, isPlainAddress, MAX_KEY_LENGTH, MAX_VALID_DAYS } from './protocol/index.js';
import { ENVIRONMENT_VARIABLES } from './wanpay.config.js';
import { DeliveryOptions, MerchantOptions, ReconciliationOptions, WanPayOptions } from './wanpay.options.js';

/** An option's name in an error: who wrote it may have written anything. */
const MAX_NAME = 50;
const WEB_ADDRESS = { protocols: ['http', 'https'], require_protocol: true, require_tld: false };

/** The options with every default, those within others too. */
export interface CompleteOptions extends WanPayOptions {
  delivery: DeliveryOptions;
  reconciliation: ReconciliationOptions;
}

/**
 * Completes the options that are plain values.
 *
 * @param problems where each mistake is told, in words that show no value
 */
export function completeOptions(given: object, problems: string[]): CompleteOptions {
  const options = fill(new WanPayOptions(), given, OPTIONS, '', problems);
  const { merchant, delivery, reconciliation } = options;
  if (isObject(merchant)) options.merchant = fill(new MerchantOptions(), merchant, MERCHANT, 'merchant.', problems);
  return Object.assign(options, {
    delivery: fill(new DeliveryOptions(), delivery, DELIVERY, 'delivery.', problems),
    reconciliation: fill(new ReconciliationOptions(), reconciliation, RECONCILIATION, 'reconciliation.', problems),
  });
}

/** A mistake in words: the option, the variable that sets it, and what is wrong. */
export function problem(path: string, text: string): string {
  const variable = ENVIRONMENT_VARIABLES[path];
  return `${path}${variable ? ` (${variable})` : ''} ${text}.`;
}

/** What must hold of an option, and the words for when it does not. */
type Check = readonly [holds: (value: unknown) => boolean, words: string];

/** Of an option: the checks in their order, of which the first that does not hold is told. */
interface Rule {
  readonly checks: readonly Check[];
  /** Whether it has no default, and may be left out all the same. */
  readonly isOptional?: boolean;
  /** What may be meant by a text, such as that of a variable. */
  readonly read?: (value: unknown) => unknown;
}

type Rules<Options> = { readonly [Name in keyof Options]-?: Rule };

/** Takes over what is given; what is left out or undefined keeps its default. */
function fill<Options extends object>(
  options: Options,
  given: unknown,
  rules: Rules<Options>,
  parent: string,
  problems: string[],
): Options {
  const known = new Map<string, Rule>(Object.entries(rules));
  for (const [name, value] of isObject(given) ? Object.entries<unknown>({ ...given }) : []) {
    const rule = known.get(name);
    if (!rule) problems.push(problem(parent + cleanWords(name, MAX_NAME), 'is not an option of this module'));
    else if (value !== undefined && !(value === null && rule.isOptional)) {
      Object.assign(options, { [name]: rule.read?.(value) ?? value });
    }
  }
  for (const [name, { checks, isOptional = false }] of known) {
    const value: unknown = Reflect.get(options, name);
    const broken = isOptional && value === undefined ? undefined : checks.find(([holds]) => !holds(value));
    if (broken) problems.push(problem(parent + name, broken[1]));
  }
  return options;
}

function rule(...checks: readonly Check[]): Rule {
  return { checks };
}

function optional(...checks: readonly Check[]): Rule {
  return { checks, isOptional: true };
}

function numeric(...checks: readonly Check[]): Rule {
  return { checks, read: (value) => (typeof value === 'string' ? Number(value) : value) };
}

function list(...checks: readonly Check[]): Rule {
  // A copy, so that nobody changes it after it was checked.
  return { checks, read: (value) => (Array.isArray(value) ? Array.from<unknown>(value) : value) };
}

const TRUE_OR_FALSE: Check = [isBoolean, 'must be true or false'];
const OBJECT: Check = [isObject, 'must be an object'];
const LIST: Check = [isArray, 'must be a list'];
const ADDRESS: Check = [
  (value) => typeof value === 'string' && isURL(value, WEB_ADDRESS),
  'must be an address that begins with http:// or https://',
];
/** The vendor's documents forbid `?`, `&` and `#` in the addresses that are sent to the platform. */
const PLAIN: Check = [(value) => typeof value === 'string' && isPlainAddress(value), 'must not hold ?, & or #'];
const SHORT: Check = [(value) => length(value, 1, 256), 'must have at most 256 characters'];

function whole(unit?: string): Check {
  return [isInt, `must be a whole number${of(unit)}`];
}

function number(unit?: string): Check {
  return [(value) => isNumber(value), `must be a number${of(unit)}`];
}

function ascending(unit: string): Check {
  return [isAscending, `must be a list of ascending numbers${of(unit)}`];
}

function atLeast(limit: number): Check {
  return [(value) => min(value, limit), `must be at least ${limit}`];
}

function atMost(limit: number): Check {
  return [(value) => max(value, limit), `must be at most ${limit}`];
}

function each(holds: (entry: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(holds);
}

function of(unit: string | undefined): string {
  return unit === undefined ? '' : ` of ${unit}`;
}

const MERCHANT: Rules<MerchantOptions> = {
  merchantNo: rule(
    [(value) => length(value, 1, 30), 'must be text of 1 to 30 characters'],
    [(value) => typeof value === 'string' && value.trim() === value, 'must not begin or end with a space'],
  ),
  key: optional([isKey, `must be text of 1 to ${MAX_KEY_LENGTH} characters without space around it`]),
  keys: {
    ...list(
      LIST,
      [arrayNotEmpty, 'must hold at least one key'],
      [each(isKey), `must hold only texts of 1 to ${MAX_KEY_LENGTH} characters without space around them`],
    ),
    isOptional: true,
  },
};

const DELIVERY: Rules<DeliveryOptions> = {
  enabled: rule(TRUE_OR_FALSE),
  keepUnsubscribedDays: numeric(whole('days'), atLeast(0), atMost(3650)),
  maxAttempts: numeric(whole(), atLeast(1), atMost(100)),
  baseDelayMs: numeric(whole('milliseconds'), atLeast(1)),
  maxDelayMs: numeric(whole('milliseconds'), atLeast(1)),
  concurrency: numeric(whole(), atLeast(1)),
  handlerTimeoutMs: numeric(whole('milliseconds'), atLeast(1)),
};

const RECONCILIATION: Rules<ReconciliationOptions> = {
  enabled: rule(TRUE_OR_FALSE),
  queriesPerSecond: numeric(whole(), atLeast(1), atMost(1000)),
  concurrency: numeric(whole(), atLeast(1), atMost(100)),
  firstCheckMinutes: numeric(number('minutes'), atLeast(1)),
  growth: numeric(number(), atLeast(1.1)),
  longestPauseHours: numeric(number('hours'), atLeast(0.25)),
  afterDeadlineMinutes: list(ascending('minutes')),
  lastLookDays: list(ascending('days')),
  jitter: numeric(number(), atLeast(0), atMost(0.9)),
};

const OPTIONS: Rules<WanPayOptions> = {
  merchant: optional(OBJECT),
  baseUrl: rule(ADDRESS, PLAIN),
  publicUrl: optional(ADDRESS, PLAIN),
  notificationUrl: optional(ADDRESS, PLAIN, SHORT),
  returnUrl: optional(ADDRESS, PLAIN, SHORT),
  validDays: { ...numeric(whole('days'), atLeast(1), atMost(MAX_VALID_DAYS)), isOptional: true },
  timeoutMs: numeric(whole('milliseconds'), atLeast(1), atMost(600_000)),
  proxy: optional(ADDRESS),
  timestampWindowSeconds: numeric(whole('seconds'), atLeast(1)),
  allowedSources: list(LIST, [
    each((entry) => typeof entry === 'string' && isRange(entry)),
    'must hold only IP addresses and CIDR ranges',
  ]),
  payerAccount: rule([(value) => isIn(value, ['masked', 'full']), 'must be masked or full']),
  delivery: rule(OBJECT),
  reconciliation: rule(OBJECT),
  confirmPaidByQuery: rule(TRUE_OR_FALSE),
};

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAscending(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((entry, i) => typeof entry === 'number' && entry > 0 && (i === 0 || entry > value[i - 1]))
  );
}

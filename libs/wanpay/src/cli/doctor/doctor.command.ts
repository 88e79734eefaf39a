import type { Command } from 'commander';
import { ledgerPlaceOf } from '../ledger.js';
import {
  environmentWithKey,
  type LedgerOptions,
  moduleOptionsOf,
  type PlatformOptions,
  withLedgerOptions,
  withPlatformOptions,
} from '../options.js';
import type { CommandSettings } from '../platform.js';
import { counted } from '../plural.js';
import type { CommandResult } from '../result.js';
import type { Surroundings } from '../surroundings.js';
import { table } from '../table.js';
import { checkClock } from './clock.js';
import { checkConfiguration } from './configuration.js';
import { type Finding, type Level, reporter } from './finding.js';
import { checkLedger } from './ledger.js';
import { checkNotifications } from './notifications.js';
import { judgePlatform } from './platform.js';
import { probePlatform } from './platform-probe.js';

interface DoctorOptions extends PlatformOptions, LedgerOptions {
  readonly notificationUrl?: string;
}

const SYMBOLS: Readonly<Record<Level, string>> = { ok: '✓', warning: '!', failure: '✗', skipped: '-' };
const NEEDS_SETTINGS = ['platform', 'credentials', 'egress', 'clock', 'notifications'] as const;

/** `doctor`: whether configuration, clock, egress address, notification address and ledger are right, in words. */
export function addDoctor(program: Command, surroundings: Surroundings): void {
  withLedgerOptions(withPlatformOptions(program.command('doctor')))
    .description('check the configuration, key, clock, egress address, notification URL and ledger; change nothing')
    .option('--notification-url <url>', 'the notification URL, instead of WANPAY_NOTIFICATION_URL')
    .action(async (options: DoctorOptions) => {
      await surroundings.finish(options, () => examine(options, surroundings));
    });
}

async function examine(options: DoctorOptions, surroundings: Surroundings): Promise<CommandResult> {
  const { clock, progress, t } = surroundings;
  const variables = await environmentWithKey(options, surroundings);
  const { notificationUrl } = options;
  const given = {
    ...moduleOptionsOf(options, variables, clock),
    ...(notificationUrl === undefined ? {} : { notificationUrl }),
  };
  const { settings, findings } = await checkConfiguration(given, variables);
  const all = [...findings];
  if (settings) {
    progress.show(t('Asking the platform'));
    all.push(...(await examinePlatform(settings)));
    progress.show(t('Posting to the notification URL'));
    all.push(...(await checkNotifications(settings)));
  } else {
    all.push(
      ...NEEDS_SETTINGS.map((check) => reporter(check).skipped('Not checked, because the configuration is wrong.')),
    );
  }
  progress.show(t('Inspecting the ledger'));
  all.push(...(await checkLedger(ledgerPlaceOf(options, variables), clock.now())));
  return { text: describe(all, t), json: { findings: all }, ok: !all.some(({ level }) => level === 'failure') };
}

async function examinePlatform(settings: CommandSettings): Promise<readonly Finding[]> {
  const probe = await probePlatform(settings);
  return [...judgePlatform(probe, settings), checkClock(probe)];
}

function describe(findings: readonly Finding[], t: Surroundings['t']): string {
  const rows = findings.flatMap(({ check, level, message, advice }) => [
    [SYMBOLS[level], t(check), t(message)],
    ...(advice === undefined ? [] : [['', '', `→ ${t(advice)}`]]),
  ]);
  const failures = findings.filter(({ level }) => level === 'failure').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  const verdict = verdictOf(failures, warnings);
  return `${table(rows)}\n\n${t(verdict)}`;
}

function verdictOf(failures: number, warnings: number): string {
  if (failures > 0) {
    const more = warnings > 0 ? `; needing attention: ${warnings}` : '';
    return `${counted(failures, 'thing is', 'things are')} wrong${more}.`;
  }
  return warnings === 0
    ? 'All is well.'
    : `Nothing is wrong; ${counted(warnings, 'thing needs', 'things need')} attention.`;
}

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConsoleLogger, type ConsoleLoggerOptions, Logger, type LoggerService } from '@nestjs/common';
import { LOG_CODES } from './log-codes.js';
import { StructuredLogger } from './structured-logger.js';

const SOURCES = join(import.meta.dirname, '..');
/** The pages log by the same codes. */
const DESK = join(SOURCES, '../../wanpay-desk/src');
const STACK = 'Error: no\n    at run (/app/main.js:1:1)';

let printed: string[];
const log = new StructuredLogger('WanPayDelivery');

/** Nest's own logger, always at the same time of day. */
class FixedTimeLogger extends ConsoleLogger {
  protected override getTimestamp(): string {
    return 'noon';
  }
}

function useConsole(options: ConsoleLoggerOptions): void {
  Logger.overrideLogger(new FixedTimeLogger({ ...options, logLevels: ['debug', 'log', 'warn', 'error'] }));
}

function printedBy(write: () => void): string[] {
  printed.length = 0;
  write();
  return [...printed];
}

beforeEach(() => {
  printed = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0);
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  Logger.detachBuffer();
  Logger.overrideLogger(false);
});

describe('a line with a code and fields', () => {
  it.each([true, false])('is to people what it was without them (colours: %s)', (colors) => {
    useConsole({ colors });
    const plain = new Logger('WanPayDelivery');
    const before = printedBy(() => {
      plain.log('Found.');
      plain.warn('Again.');
      plain.debug('Well.');
      plain.error('Gone.');
      plain.error('Broken.', STACK);
    });
    const now = printedBy(() => {
      log.log('handlers_found', 'Found.');
      log.warn('delivery_retried', 'Again.', { handler: 'ship', attempt: 2 });
      log.debug('host_not_examined', 'Well.');
      log.error('delivery_dead', 'Gone.', { handler: 'ship' });
      log.error('notification_not_checked', 'Broken.', { source: '203.0.113.7' }, STACK);
    });
    expect(before).toHaveLength(6);
    expect(now).toEqual(before);
  });

  it('has them beside its text in Nest’s JSON', () => {
    useConsole({ json: true });
    log.warn('delivery_retried', 'Again.', { handler: 'ship', attempt: 2 });
    log.error('delivery_dead', 'Gone.', { orderNo: 'A1' });
    log.error('notification_not_checked', 'Broken.', {}, STACK);
    const context = 'WanPayDelivery';
    expect(printed.map((line): unknown => JSON.parse(line))).toEqual(
      [
        {
          level: 'warn',
          message: 'Again.',
          context,
          params: { code: 'delivery_retried', handler: 'ship', attempt: 2 },
        },
        { level: 'error', message: 'Gone.', context, params: { code: 'delivery_dead', orderNo: 'A1' } },
        { level: 'error', message: 'Broken.', context, stack: STACK, params: { code: 'notification_not_checked' } },
      ].map((line): unknown => ({ ...line, pid: process.pid, timestamp: expect.any(Number) })),
    );
  });

  it('has them together with its text in JSON that has no other place for them, as in Nest 11', () => {
    useConsole({ json: true, structuredParams: false });
    log.error('delivery_dead', 'Gone.', { orderNo: 'A1' });
    expect(printed.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        level: 'error',
        message: { message: 'Gone.', code: 'delivery_dead', orderNo: 'A1' },
        context: 'WanPayDelivery',
      },
    ]);
  });

  it('has them also where Nest kept it back until the application named its logger', () => {
    Logger.attachBuffer();
    log.warn('ledger_in_memory', 'Forgotten.');
    useConsole({ json: true, flattenParams: true });
    Logger.flush();
    expect(printed.map((line): unknown => JSON.parse(line))).toMatchObject([
      { message: 'Forgotten.', code: 'ledger_in_memory' },
    ]);
  });

  it('comes without them to a logger of the host’s own, which may not expect them', () => {
    const calls: unknown[][] = [];
    const take = (...args: unknown[]): void => void calls.push(args);
    const own: LoggerService = { log: take, warn: take, error: take };
    Logger.overrideLogger(own);
    log.warn('delivery_retried', 'Again.', { handler: 'ship' });
    log.error('delivery_dead', 'Gone.');
    log.error('notification_not_checked', 'Broken.', {}, STACK);
    log.debug('host_not_examined', 'Well.');
    expect(calls).toEqual([
      ['Again.', 'WanPayDelivery'],
      ['Gone.', undefined, 'WanPayDelivery'],
      ['Broken.', STACK, 'WanPayDelivery'],
    ]);
  });

  it('is not written where logging is off', () => {
    Logger.overrideLogger(false);
    log.error('delivery_dead', 'Gone.');
    expect(printed).toEqual([]);
  });
});

describe('the codes', () => {
  it.each([
    ['observability.md', '## Logs'],
    ['zh-TW/observability.md', '## 記錄檔'],
  ])('in %s are those in the code, with their levels', async (page, heading) => {
    const text = await readFile(join(SOURCES, '../docs', page), 'utf8');
    const [, section = ''] = text.split(`\n${heading}\n`);
    const rows = section.matchAll(/^\| `(\w+)` +\| (debug|log|warn|error) +\|/gm);
    expect([...rows].map(([, code, level]) => [code, level])).toEqual(Object.entries(LOG_CODES).sort());
  });

  it('are each that of some line, and nothing logs a line without one', async () => {
    const sources = await Promise.all((await sourceFiles()).map((file) => readFile(file, 'utf8')));
    const code = sources.join('\n');
    // Made of two parts: recorded or checked.
    const isMade = (name: string): boolean => name.startsWith('notification_not_');
    expect(Object.keys(LOG_CODES).filter((name) => !isMade(name) && !code.includes(`'${name}'`))).toEqual([]);
    expect(code).not.toMatch(/new Logger\(/);
  });
});

async function sourceFiles(): Promise<readonly string[]> {
  const [own, desk] = await Promise.all([SOURCES, DESK].map((folder) => readdir(folder, { recursive: true })));
  const named = [...(own ?? []).map((file) => join(SOURCES, file)), ...(desk ?? []).map((file) => join(DESK, file))];
  return named.filter((file) => /(?<!\.spec)\.ts$/.test(file) && !/^(logging|cli)\//.test(relative(SOURCES, file)));
}

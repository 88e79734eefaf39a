import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { verify } from 'nestjs-wanpay/protocol';
import { runCommand } from './cli/command.js';
import { portOf, Shop } from './testing/shop.js';

/** The command as it is published: its process runs on what was built. */
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** The builtins of zsh complete for a terminal alone, so they print here what they are given. */
const ZSH_COMPLETES =
  'compadd() { print -- "$@" }; _files() { }; words=(wanpay-emulator trigger un); CURRENT=3; _wanpay_emulator';

/** A command that runs in this process. */
class Run {
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly signals = new EventEmitter();
  readonly code: Promise<number>;

  constructor(
    args: readonly string[],
    readonly env: Readonly<Record<string, string>> = {},
  ) {
    this.code = runCommand(args, this).finally(() => {
      this.stdout.end();
      this.stderr.end();
    });
  }

  /** Ends it as a signal does; nothing happens where it has ended. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number> {
    this.signals.emit(signal);
    return this.code;
  }
}

describe('the command', () => {
  const runs: Run[] = [];
  const processes: ChildProcessWithoutNullStreams[] = [];
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    for (const run of runs.splice(0)) await run.end('SIGTERM');
  });

  const start = (...args: string[]): Run => {
    const run = new Run(args);
    runs.push(run);
    return run;
  };

  const startProcess = (...args: string[]): ChildProcessWithoutNullStreams => {
    const child = spawn(process.execPath, [CLI, ...args]);
    processes.push(child);
    return child;
  };

  /** Runs it to its end. */
  const run = async (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const { stdout, stderr, code } = start(...args);
    const [printed, complaint, exitCode] = await Promise.all([text(stdout), text(stderr), code]);
    return { code: exitCode, stdout: printed, stderr: complaint };
  };

  /** Waits for the greeting, which ends with the line about the key. */
  const greeting = async ({ stdout }: Pick<Run, 'stdout'> | ChildProcessWithoutNullStreams): Promise<string> => {
    let seen = '';
    for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
      seen += String(chunk);
      if (/WANPAY_KEY.*\n/.test(seen)) return seen;
    }
    throw new Error(`It ended without a greeting: ${seen}`);
  };

  it('explains itself', async () => {
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const option of ['--port', '--host', '--merchant', '--stopped', '--start-at', '--data', '--version']) {
      expect(help.stdout).toContain(option);
    }
    expect(await run('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('says where to look, serves, and ends in order on %s', async (signal) => {
    const command = start('--port', '0');
    const reach = await expectToServe(await greeting(command));
    expect(await command.end(signal)).toBe(0);
    await expect(reach()).rejects.toThrow('fetch failed');
    expect(command.signals.eventNames()).toEqual([]);
  });

  it('is a process that serves, and ends in order on a signal', async () => {
    const child = startProcess('--port', '0');
    await expectToServe(await greeting(child));
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('takes merchants and a clock, and keeps their keys to itself', async () => {
    const startAt = '2026-03-01T00:00:00.000Z';
    const command = start(
      '--port',
      '0',
      '--merchant',
      'M1:se:cret',
      '--merchant',
      'M2:k',
      '--stopped',
      '--start-at',
      startAt,
    );
    const seen = await greeting(command);
    expect(seen).toContain('WANPAY_MERCHANT_NO=M1');
    expect(seen).not.toContain('cret');
    const [url] = /http:\S+/.exec(seen) ?? [];
    const clock = await fetch(`${url}/api/clock`);
    expect(await clock.json()).toEqual({ now: startAt, stopped: true });
  });

  describe('with a file for its state', () => {
    let folder: string;
    let data: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'wanpay-cli-'));
      data = join(folder, 'state.json');
    });
    afterEach(() => rm(folder, { recursive: true }));

    it('goes on where it ended', async () => {
      const first = start('--port', '0', '--stopped', '--start-at', '2026-03-01T00:00:00.000Z', '--data', data);
      await greeting(first);
      await first.end('SIGTERM');
      const second = start('--port', '0', '--data', data);
      const [url] = /http:\S+/.exec(await greeting(second)) ?? [];
      const clock = await fetch(`${url}/api/clock`);
      expect(await clock.json()).toEqual({ now: '2026-03-01T00:00:00.000Z', stopped: true });
      await second.end('SIGTERM');
    });

    it('refuses one that is none of its own', async () => {
      await writeFile(data, '{"name":"mine"}');
      expect(await run('--port', '0', '--data', data)).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('is not a state file of this emulator'),
      });
    });
  });

  it.each([
    ['127.0.0.1', 'bound to this machine alone'],
    ['0.0.0.0', 'whoever reaches this address can pay'],
  ])('says on %s that it asks for no password: %s', async (host, words) => {
    const seen = await greeting(start('--port', '0', '--host', host));
    expect(seen).toContain('asks for no password');
    expect(seen).toContain(words);
  });

  describe('trigger', () => {
    let merchant: Server;
    let answers: string[];
    let received: Record<string, string>[];
    let to: string;
    beforeEach(async () => {
      answers = [];
      received = [];
      merchant = createServer((request, response) => {
        void text(request).then((body) => {
          received.push(Object.fromEntries(new URLSearchParams(body)));
          response.end(answers.shift() ?? 'success');
        });
      });
      await new Promise<void>((resolve) => merchant.listen(0, '127.0.0.1', resolve));
      to = `http://127.0.0.1:${portOf(merchant)}/hook`;
    });
    afterEach(() => new Promise((resolve) => merchant.close(resolve)));

    it('sends a correct notification of any order, and prints what was sent and answered', async () => {
      const { code, stdout } = await run('trigger', 'paid', '--to', to, '--order', 'A1', '--amount', '1280');
      expect(code).toBe(0);
      expect(received).toMatchObject([{ orgno: '21008024', out_trade_no: 'A1', status: '0000', total_fee: '128000' }]);
      expect(verify(received[0] ?? {}, 'QGbZvggxNdGgMUnp')).toBe(true);
      expect(stdout).toMatch(
        new RegExp(`^POST ${to}\n.*out_trade_no +A1\n.*✓ HTTP 200 after \\d+ ms: success\n$`, 's'),
      );
    });

    it.each([
      ['late', [{ status: '0000', total_fee: '10000' }]],
      ['mismatch', [{ status: '0000', total_fee: '10100' }]],
      ['duplicate', [{ acctno: '0000123456789012' }, { acctno: '0000999988887777' }]],
      ['repeated', [{ acctno: '0000123456789012' }, { acctno: '0000123456789012' }]],
      ['failed', [{ status: '5805' }]],
      ['closed', [{ status: '5803', orderdate: '' }]],
      ['unknown-order', [{ out_trade_no: expect.stringMatching(/^TRIGGER[0-9A-Z]{1,13}$/) }]],
    ])('%s is acknowledged', async (scenario, fields) => {
      const { code, stdout } = await run(
        'trigger',
        scenario,
        '--to',
        to,
        '--order',
        'A1',
        '--merchant',
        'M1:k',
        '--json',
      );
      expect(code).toBe(0);
      expect(received).toMatchObject(fields);
      expect(received.every((each) => each.orgno === 'M1' && verify(each, 'k'))).toBe(true);
      expect(JSON.parse(stdout)).toMatchObject({ scenario, sent: fields.map((each) => ({ fields: each, ok: true })) });
    });

    it('signs as the host of the environment expects, in dollars when told to', async () => {
      const env = { WANPAY_MERCHANT_NO: 'M7', WANPAY_KEY: 'seven' };
      expect(await new Run(['trigger', 'paid', '--to', to, '--dollars'], env).code).toBe(0);
      expect(received).toMatchObject([{ orgno: 'M7', total_fee: '100.00' }]);
      expect(verify(received[0] ?? {}, 'seven')).toBe(true);
    });

    it.each(['forged', 'stale'])('%s is to be refused', async (scenario) => {
      answers.push('no');
      expect(await run('trigger', scenario, '--to', to)).toMatchObject({ code: 0 });
      expect(await run('trigger', scenario, '--to', to)).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('✗'),
      });
    });

    it('ends with 1 when it is not acknowledged, and when nobody is there', async () => {
      answers.push('fail\u001B[31m');
      const refused = await run('trigger', 'paid', '--to', to);
      expect(refused).toMatchObject({ code: 1, stdout: expect.stringMatching(/✗ HTTP 200 after \d+ ms: fail/) });
      expect(refused.stdout).not.toContain('\u001B');
      expect(await run('trigger', 'paid', '--to', 'http://127.0.0.1:1')).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('Nothing listens there (ECONNREFUSED)'),
      });
    });
  });

  it('drives an emulator that runs: orders, pay, advance', async () => {
    const startAt = new Date('2026-03-01T12:00:00+08:00');
    const shop = await Shop.open({ clock: { stopped: true, startAt } });
    const { url } = shop.platform;
    await shop.order();
    await shop.order({ out_trade_no: 'A2' });
    expect((await run('orders', '--url', url)).stdout).toMatch(
      /^A1 +21008024 +NT\$1,280 +unpaid +\d{3} \d{14} +until 2026-03-04 23:59:59 \(Taipei\)\n/,
    );
    const paid = await run('pay', 'A1', '--url', url, '--amount', '1279', '--json');
    expect(JSON.parse(paid.stdout)).toMatchObject({ orderNo: 'A1', state: 'paid', transfer: { amount: 1279 } });
    expect(shop.received).toMatchObject([{ fields: { out_trade_no: 'A1', total_fee: '127900' } }]);
    expect(await run('pay', 'A2', '--url', url, '--fail')).toMatchObject({ stdout: expect.stringContaining('failed') });
    const unpaid = await run('orders', '--url', url, '--state', 'unpaid', '--json');
    expect(JSON.parse(unpaid.stdout)).toEqual([]);
    expect(await run('advance', '1h30m', '--url', url)).toMatchObject({ code: 0 });
    expect(shop.platform.clock.now()).toEqual(new Date(startAt.getTime() + 5_400_000));
    expect((await run('advance', 'next', '--url', url, '--json')).stdout).toContain('"stopped": true');

    expect(await run('pay', 'A1', '--url', url)).toMatchObject({ code: 1, stderr: expect.stringContaining('A1') });
    expect(await run('pay', 'B1', '--url', url, '--json')).toMatchObject({
      code: 1,
      stderr: '',
      stdout: expect.stringContaining('There is no order B1'),
    });
    await shop.close();
    expect(await run('orders', '--url', url)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No emulator answers at .* npx wanpay-emulator.* WANPAY_EMULATOR_URL/),
    });
  });

  it('waits for an emulator that hangs no longer than it is told to', async () => {
    const hanging = createServer((request, response) => {
      response.write('[');
      request.resume();
    });
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${portOf(hanging)}`;
    for (const args of [['orders'], ['pay', 'A1', '--merchant', 'M1'], ['advance', '3m']]) {
      expect(await run(...args, '--url', url, '--timeout', '0.05')).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(/^\S+ has not answered within 0.05 s\. .*--timeout\. What you asked for may/),
      });
    }
    hanging.closeAllConnections();
    await new Promise((resolve) => hanging.close(resolve));
  });

  it('speaks the language of the locale or of --lang: its help, mistakes and errors, but not its JSON', async () => {
    const speak = async (lang: string, ...args: string[]): Promise<string> => {
      const { stdout, stderr, code } = new Run(args, { LANG: lang });
      const [printed, complaint] = await Promise.all([text(stdout), text(stderr), code]);
      return printed + complaint;
    };
    const taiwan = (...args: string[]): Promise<string> => speak('zh_TW.UTF-8', ...args);
    // Names, values and addresses apart, nothing stays English.
    const english = /(?<![-<[.\w/:'"=])(?:the|is|an|of|with|to|Usage|Options|default|choices|display)(?![-\w=.])/i;
    for (const args of [[], ['trigger'], ['orders'], ['pay'], ['advance'], ['completion']]) {
      const help = await taiwan(...args, '--help');
      expect(help).toMatch(/^用法：[^]*選項：/);
      expect(help).not.toMatch(english);
    }
    for (const args of [
      ['pay'],
      ['nonsense'],
      ['--nonsense'],
      ['orders', '--state', 'odd'],
      ['orders', '--timeout', '0'],
      ['orders', '--timeout'],
      ['pay', 'A1', 'A2'],
      ['pay', 'A1', '--fail', '--late'],
      ['advance', 'soon'],
      ['trigger', 'paid'],
      ['--port', 'x'],
      ['--start-at', 'x'],
      ['--merchant', 'x'],
      ['orders', '--url', 'http://127.0.0.1:1'],
      ['--port', '0', '--data', tmpdir()],
      ['--port', '0', '--merchant', 'M1:k', '--merchant', 'M1:k'],
      ['trigger', 'paid', '--to', 'http://127.0.0.1:1'],
    ]) {
      const complaint = await taiwan(...args);
      expect(complaint).toMatch(/[錯誤請須沒有重複]/);
      expect(complaint).not.toMatch(english);
    }
    expect(await taiwan('pay', '--json')).toContain('missing required argument');
    expect(await taiwan('pay', '--lang', 'en')).toContain('missing required argument');
    expect(await speak('en_US.UTF-8', 'pay', '--lang', 'zh-TW')).toContain('錯誤：缺少參數 order');
  });

  it('repeats no key that was written in the wrong place', async () => {
    for (const args of [
      ['--merchant', 'se-cret'],
      ['--merchant', 'M1:k', 'M2:se-cret'],
      ['trigger', 'paid', '--to', 'http://127.0.0.1:1', '--merchant', 'se-cret', '--json'],
    ]) {
      const { code, stdout, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stdout + stderr).not.toContain('cret');
    }
  });

  it('completes commands, options and scenarios in a shell', async () => {
    const script = (await run('completion', 'bash')).stdout;
    const complete = async (...words: string[]): Promise<string[]> => {
      const ask = `COMP_WORDS=(wanpay-emulator ${words.join(' ')}); COMP_CWORD=${words.length}; _wanpay_emulator; echo "\${COMPREPLY[@]}"`;
      const { stdout } = await promisify(execFile)('bash', ['-c', `${script}\n${ask}`]);
      return stdout.trim().split(' ');
    };
    expect(await complete('tr')).toEqual(['trigger']);
    expect(await complete('trigger', 'un')).toEqual(['unknown-order']);
    expect(await complete('pay', 'A1', '--am')).toEqual(['--amount']);
    expect(await complete('--po')).toEqual(['--port']);
  });

  it.each([
    ['zsh', ZSH_COMPLETES],
    ['fish', "complete -C 'wanpay-emulator trigger un'"],
  ])('completes in %s, where it is installed', async (shell, ask) => {
    const script = (await run('completion', shell)).stdout;
    expect(script).toMatch(/^(?:#compdef wanpay-emulator\n|complete -c wanpay-emulator )/);
    const asked = promisify(execFile)(shell, ['-c', `${script}\n${ask}`]);
    const completed = await asked.then(({ stdout }) => stdout, whereThereIsOne);
    expect(completed).toContain('unknown-order');
  });

  it('loads Nest for the emulator alone, so that every other command starts at once', async () => {
    const loaded = new Set<string>();
    const load = async (file: string): Promise<void> => {
      loaded.add(file);
      const source = await readFile(join(dirname(CLI), file), 'utf8');
      const imported = [...source.matchAll(/^import [^;]*?"\.\/([\w-]+\.js)";$/gm)].map(([, name = '']) => name);
      await Promise.all(imported.filter((name) => !loaded.has(name)).map(load));
    };
    await load('cli.js');
    expect([...loaded].toSorted()).toEqual(['cli.js', 'messages.js', 'rolldown-runtime.js']);
  });

  it('says that the port is taken, and ends with 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const port = portOf(other);
    const child = startProcess('--port', String(port));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    await new Promise((resolve) => other.close(resolve));
    const code = child.exitCode;
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `Cannot listen on 127.0.0.1, port ${port}: the port is taken. Give another with --port, or --port 0 for a free one.\n`,
    });
  });

  it('says that an address is not this machine’s, and ends with 1', async () => {
    expect(await run('--port', '0', '--host', '192.0.2.1')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'Cannot listen on 192.0.2.1, port 0: this machine has no such address. Give another with --host.\n',
    });
  });

  it.each([
    ['--port', 'http'],
    ['--port', '65536'],
    ['--merchant', 'M1'],
    ['--start-at', 'tomorrow'],
    ['--target', 'nowhere'],
    ['--unknown', ''],
    ['trigger', 'paid', '--to', 'nowhere'],
    ['triger'],
    ['advance', '3'],
  ])('refuses %s %s', async (...args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(1);
    // What stands for a merchant may be its key, and is not repeated.
    const wrong = args.at(-1) === '' || args[0] === '--merchant' ? args[0] : args.at(-1);
    expect(stderr).toContain(wrong);
    if (!/^(?:trigger|advance)$/.test(args[0])) return;
    const forPrograms = await run(...args, '--json');
    expect(forPrograms).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(forPrograms.stdout)).toEqual({
      error: { code: 'usage', message: expect.stringContaining(wrong ?? '') },
    });
  });
});

/** Without that shell, only the beginning of its script was looked at. */
function whereThereIsOne(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'unknown-order';
  throw error;
}

/** The greeting names the test merchant and its key, and an address that answers; returns what asks there again. */
async function expectToServe(seen: string): Promise<() => Promise<Response>> {
  expect(seen).toContain('WANPAY_MERCHANT_NO=21008024');
  expect(seen).toContain('QGbZvggxNdGgMUnp');
  const [, baseUrl] = /WANPAY_BASE_URL=(\S+)/.exec(seen) ?? [];
  const ask = (): Promise<Response> => fetch(`${baseUrl}/orderquery`, { method: 'POST' });
  const reply = await ask();
  expect(await reply.json()).toMatchObject({ status: '910' });
  return ask;
}
